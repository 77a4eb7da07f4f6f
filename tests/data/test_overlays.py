"""Overlays are saved under a name with the data set."""

import pytest
from pydantic import ValidationError

from msiss.data import overlays
from msiss.data.overlays import FILE, Channel, Overlay, delete_overlay, keep_overlay, read_overlays
from msiss.errors import DataError, SettingError

ONE = Overlay(channels=(Channel(number=3, colour="#00aaff", low=0.1, gamma=0.5), Channel(number=0, colour="#ff9900")))
OTHER = Overlay(channels=(Channel(what="cluster", number=1, colour="#ffff00"),), run="abc", by="joint", clusters=7)


def test_overlays_are_kept_replaced_and_deleted(tmp_path):
    assert read_overlays(tmp_path) == {}
    keep_overlay(tmp_path, " lipids ", ONE)
    keep_overlay(tmp_path, "wall", OTHER)
    assert read_overlays(tmp_path) == {"lipids": ONE, "wall": OTHER}
    keep_overlay(tmp_path, "lipids", OTHER)
    delete_overlay(tmp_path, "gone")
    assert read_overlays(tmp_path) == {"lipids": OTHER, "wall": OTHER}
    delete_overlay(tmp_path, "lipids")
    assert read_overlays(tmp_path) == {"wall": OTHER}
    assert (ONE.channels[0].key, OTHER.channels[0].key) == ("ion 3", "cluster 1")


def test_what_cannot_be_kept_is_told(tmp_path, monkeypatch):
    for name in ("", " ", "x" * 61):
        with pytest.raises(SettingError, match="1 to 60 letters"):
            keep_overlay(tmp_path, name, ONE)
    monkeypatch.setattr(overlays, "MOST", 1)
    keep_overlay(tmp_path, "a", ONE)
    keep_overlay(tmp_path, "a", OTHER)
    with pytest.raises(SettingError, match="Delete one first"):
        keep_overlay(tmp_path, "b", ONE)
    with pytest.raises(DataError, match="cannot be kept"):
        keep_overlay(tmp_path / "gone", "a", ONE)
    (tmp_path / FILE).write_text('{"a": 3}')
    with pytest.raises(DataError, match="cannot be read"):
        keep_overlay(tmp_path, "a", ONE)
    assert (tmp_path / FILE).read_text() == '{"a": 3}'  # nothing is overwritten


@pytest.mark.parametrize("wrong", [{"colour": "red"}, {"colour": "#00aaff;"}, {"high": 1.1}, {"number": -1}])
def test_a_channel_checks_itself(wrong):
    with pytest.raises(ValidationError):
        Channel(**{"number": 0, "colour": "#00aaff"} | wrong)
