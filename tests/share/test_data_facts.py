"""What is known about a data set."""

from dataclasses import replace

from msiss.share.data_facts import facts, how_made


def test_what_is_unknown_is_not_told(small_images) -> None:
    told = dict(facts(small_images))
    assert told["Ions with a known class"] == "12"
    assert told["Pixels"] == "20 × 16 (width × height), 305 measured"
    told = dict(facts(replace(small_images, labels=None, pixel_size=None, source="")))
    assert told["Pixel size"] == "unknown"
    assert not {"From", "Regions", "Ions with a known class"} & set(told)


def test_steps_are_told_where_they_are_recorded(small_images) -> None:
    assert how_made(small_images) == {}
    assert how_made(replace(small_images, recipe={"read": {"a setting of later": 1}})) == {}
    assert "within ±5 ppm" in how_made(replace(small_images, recipe={"read": {"ppm": 5.0}}))["Read"][0]
