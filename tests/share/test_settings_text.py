from msiss.learn.methods import preset_config
from msiss.share.settings_text import settings_of


def test_what_differs_from_the_nearest_preset_is_told():
    config = preset_config("quick", clusters=5, seed=3, device="cpu").with_settings({"contrastive.epochs": 16})
    preset, found = settings_of(config)
    assert preset == "quick"
    assert [(one.name, one.title, one.value, one.preset) for one in found if one.differs] == [
        ("contrastive.epochs", "Epochs", 16, 15)
    ]
    assert {one.name: one.value for one in found} == config.flat()


def test_a_preset_does_not_differ_from_itself():
    for name in ("msiss", "quick", "paper"):
        preset, found = settings_of(preset_config(name, clusters=9))
        assert preset == name
        assert not any(one.differs for one in found)
