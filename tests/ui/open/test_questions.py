import pandas as pd

from msiss.data.recipe import PictureMz
from msiss.ui.open.questions import FILE, MZ, Questions, corrections


def test_only_what_was_corrected_is_an_answer():
    after = pd.DataFrame(
        {FILE: ["a.png", "b.png", "c.png", "d.png"], MZ: pd.array([100.5, 7, None, 300.25], "Float64")}
    )
    found = corrections([100.5, 3.0, 200.5, None], after)
    assert found == (PictureMz(file="b.png", mz=7), PictureMz(file="d.png", mz=300.25))


def test_an_import_gets_every_setting_that_was_asked_for_and_a_check_the_answers_only():
    options = {
        "plane": {"3": "z = 3", "1": "z = 1"},
        "spectra": {"positive MS1": "positive", "negative MS1": "negative"},
        "other_uuid": {"false": "no", "true": "yes"},
        "picture_mz": {"a.png": "7"},
    }
    asked = Questions(("file",), options, {"spectra": "negative MS1"})
    first = {"plane": 3, "spectra": "negative MS1", "other_uuid": False, "picture_mz": ()}
    assert asked.choices == first
    assert asked.changes.model_dump(exclude_defaults=True) == {"spectra": "negative MS1"}


def test_all_heights_together_are_no_plane():
    options = {"plane": {"": "all as one picture", "3": "z = 3"}}
    assert Questions(("file",), options).choices == {"plane": None}
    assert Questions(("file",), options, {"plane": "3"}).choices == {"plane": 3}
