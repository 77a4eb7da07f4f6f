import dataclasses

from msiss.learn.config import Preset, RunConfig
from msiss.runs.store import Run
from msiss.share.methods import methods_text


def text_for(tmp_path, images, preset=Preset.PAPER, **settings) -> str:
    config = RunConfig.from_preset(preset, clusters=3).with_settings(settings)
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint=images.fingerprint, config=config)
    return methods_text(run, images)


def test_the_numbers_are_those_of_the_run(tmp_path, small_images):
    text = text_for(tmp_path, small_images, **{"prepare.normalisation": "tic", "contrastive.views.noise": 0.35})
    for part in (
        "12 ion images (m/z 400.1000 to 800.3000, positive polarity) of 20 × 16 pixels of 10 × 10 µm",
        "divided by the total ion count of each pixel",
        "96 × 96 pixels",
        "EfficientNet-B0",
        "temperature 0.5; 50 epochs, batch size 183, Adam with learning rate 0.001",
        "gave 3 initial clusters",
        "sigma up to 0.35",
        "150 epochs, learning rate 0.0001, confidence threshold 0.9",
        small_images.fingerprint[:16],
        "doi:10.1039/D1SC04077D",
    ):
        assert part in text


def test_what_was_not_done_or_is_not_known_is_not_claimed(tmp_path, small_images):
    text = text_for(tmp_path, dataclasses.replace(small_images, pixel_size=None, polarity="unknown"))
    for part in ("divided by", "square root", "rotation", "translation", "crop", "µm", "polarity"):
        assert part not in text


def test_geometry_is_told_where_it_was_used(tmp_path, small_images):
    text = text_for(tmp_path, small_images, **{"self_label.strong_views.rotation": 15})
    assert "rotation up to 15°" in text


def test_the_method_is_the_one_that_was_used(tmp_path, small_images):
    text = text_for(tmp_path, small_images, Preset.MSISS)
    for part in (
        "small convolutional network",
        "Poisson thinning",
        "Consensus clustering of the result gave 3 clusters",
    ):
        assert part in text
    assert "EfficientNet" not in text
    assert "self-labelling" not in text
