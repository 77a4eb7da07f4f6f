"""Areas are kept line by line, and every change can be undone."""

from dataclasses import replace

import numpy as np
import pytest

from msiss.data.areas import FILE, LONGEST_NAME, REST, Area, AreaFile, all_areas
from msiss.data.masks import encode_mask
from msiss.errors import DataError, SettingError

SQUARE = ((1, 1), (1, 4), (4, 4), (4, 1))
HOLE = ((1.5, 1.5), (1.5, 3.5), (3.5, 3.5), (3.5, 1.5))


def drawn(name: str, *rings) -> Area:
    return Area(name=name, polygons=(rings or (SQUARE,),))


def names(file: AreaFile) -> list[str]:
    return [area.name for area in file.read()]


def test_areas_are_added_renamed_deleted_and_all_of_it_is_undone(tmp_path):
    file = AreaFile(tmp_path, taken=("cortex",))
    assert file.read() == ()
    assert file.can_undo() == ""
    file.undo()
    assert not (tmp_path / FILE).exists()
    assert file.add([drawn("cortex"), drawn("cortex"), drawn(REST)]) == ("cortex 2", "cortex 3", f"{REST} 2")
    assert file.add([]) == ()
    assert file.can_undo() == "adding cortex 2 and 2 more"
    file.rename("cortex 2", " lumen ")
    assert file.can_undo() == "renaming cortex 2"
    file.delete("cortex 3")
    assert file.can_undo() == "deleting cortex 3"
    assert names(file) == ["lumen", f"{REST} 2"]
    assert names(AreaFile(tmp_path)) == names(file)
    file.undo()
    assert names(file) == ["lumen", "cortex 3", f"{REST} 2"]
    file.undo()
    file.undo()
    assert names(file) == []
    file.add([drawn("last")])
    assert names(file) == ["last"]
    assert len((tmp_path / FILE).read_text().splitlines()) == 7  # nothing is ever taken away


def test_names_that_cannot_be(tmp_path):
    file = AreaFile(tmp_path, taken=("cortex",))
    file.add([drawn("a"), drawn("b")])
    for to, reason in [
        ("b", "already"),
        ("cortex", "already"),
        (REST, "already"),
        (" ", "1 to 60"),
        ("x" * 61, "1 to"),
    ]:
        with pytest.raises(SettingError, match=reason):
            file.rename("a", to)
    with pytest.raises(SettingError, match="no area “gone”"):
        file.rename("gone", "c")
    file.rename("a", "a")
    file.delete("gone")
    assert file.can_undo() == "adding a and 1 more"
    long = "x" * LONGEST_NAME
    assert file.add([drawn(long), drawn(long)]) == (long, long[:-2] + " 2")


def test_a_line_that_was_cut_off_costs_only_itself(tmp_path):
    file = AreaFile(tmp_path)
    file.add([drawn("a")])
    with (tmp_path / FILE).open("ab") as lines:
        lines.write(b'{"what": "added", "are')
    file.add([drawn("b")])
    assert names(file) == ["a", "b"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        AreaFile(tmp_path).read()
    with pytest.raises(DataError, match="cannot be kept"):
        AreaFile(tmp_path / "gone").add([drawn("a")])


def test_rings_are_holes_and_polygons_add_up():
    rows, columns = np.mgrid[:6, :7]
    square = (rows >= 1) & (rows < 4) & (columns >= 1) & (columns < 4)
    np.testing.assert_array_equal(drawn("a").pixels((6, 7)), square)
    hole = square.copy()
    hole[2:4, 2:4] = False
    np.testing.assert_array_equal(drawn("a", SQUARE, HOLE).pixels((6, 7)), hole)
    twice = Area(name="a", polygons=((SQUARE,), (SQUARE,)))
    np.testing.assert_array_equal(twice.pixels((6, 7)), square)


def test_a_loaded_area_is_of_one_size():
    mask = np.eye(4, dtype=bool)
    area = Area(name="a", mask=encode_mask(mask), source="a.png")
    np.testing.assert_array_equal(area.pixels((4, 4)), mask)
    with pytest.raises(SettingError, match="4 x 4"):
        area.pixels((4, 5))
    with pytest.raises(ValueError, match="either polygons or a mask"):
        Area(name="a")


def test_regions_of_the_data_set_come_first_and_only_measured_pixels_count(small_images):
    regions = np.zeros((16, 20), np.int16)
    regions[:, :10] = 1
    images = replace(small_images, regions=regions * small_images.mask, region_names=("left", "nowhere"))
    corner = drawn("corner", ((-1, -1), (-1, 1.5), (1.5, 1.5), (1.5, -1)))  # off the tissue
    other = Area(name="other size", mask=encode_mask(np.ones((3, 3), bool)))
    found = all_areas(images, [drawn("square", ((9, 9), (9, 12), (12, 12), (12, 9))), corner, other])
    assert list(found) == ["left", "square"]
    np.testing.assert_array_equal(found["left"], (regions == 1) & images.mask)
    assert found["square"].sum() == 9
