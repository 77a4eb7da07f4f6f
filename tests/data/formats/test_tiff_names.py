"""Names and sizes in TIFF files, as other programs write them."""

import json

import numpy as np
import pytest
import tifffile

from msiss.data.formats.tiff_names import page_names, pixel_size

MZ = [100.05, 200.1, 300.15, 450.22, 600.3]
TEXTS = [str(mz) for mz in MZ]
CUBE = np.ones((5, 6, 7), np.float32)


def names(path) -> dict[str, list[str]]:
    with tifffile.TiffFile(path) as file:
        return page_names(file, file.series[0], 0, 5)


def stack(path, **options: object):
    tifffile.imwrite(path, CUBE, photometric="minisblack", **options)
    return path


def pages(path, *options: dict):
    with tifffile.TiffWriter(path) as file:
        for one in options:
            file.write(CUBE[0], photometric="minisblack", metadata=None, **one)
    return path


def test_names_of_ome_are_those_of_channels(tmp_path):
    about = {"axes": "CYX", "Name": "section", "Channel": {"Name": TEXTS}}
    assert names(stack(tmp_path / "a.ome.tif", metadata=about)) == {"Channel": TEXTS}


def test_labels_of_imagej(tmp_path):
    assert names(stack(tmp_path / "a.tif", imagej=True, metadata={"axes": "ZYX", "Labels": TEXTS})) == {"Labels": TEXTS}


def test_names_and_descriptions_of_pages(tmp_path):
    found = names(pages(tmp_path / "a.tif", *({"extratags": [(285, 2, 0, text, True)]} for text in TEXTS)))
    assert found == {"PageName": TEXTS}
    assert names(pages(tmp_path / "a.tif", *({"description": f"m/z {text}"} for text in TEXTS))) == {
        "ImageDescription": [f"m/z {text}" for text in TEXTS]
    }


def test_masses_and_targets_of_mibi(tmp_path):
    about = [{"description": json.dumps({"channel.mass": mz, "channel.target": "CD3"})} for mz in MZ]
    assert names(pages(tmp_path / "a.tif", *about)) == {"target": [f"m/z {text} CD3" for text in TEXTS]}


@pytest.mark.parametrize("text", [", ".join(TEXTS), ",".join(TEXTS), "\n".join(TEXTS), ";".join(TEXTS)])
def test_a_list_in_the_description_is_that_of_the_pages(tmp_path, text):
    assert names(stack(tmp_path / "a.tif", description=text, metadata=None))["list"] == TEXTS


@pytest.mark.parametrize("about", [{"mz": MZ}, {"names": TEXTS}, {"Channel": {"Name": TEXTS}}])
def test_a_list_in_json_is_that_of_the_pages(tmp_path, about):
    assert names(stack(tmp_path / "a.tif", metadata=about)) == {"list": TEXTS}


@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"description": "<x/>", "metadata": None}])
def test_what_a_program_says_to_itself_is_no_name(tmp_path, options):
    assert names(stack(tmp_path / "a.tif", **options)) == {}


SIZES = {
    "centimetres": ({"resolution": (200, 100), "resolutionunit": "centimeter"}, (100, 50)),
    "inches": ({"resolution": (254, 508), "resolutionunit": "inch"}, (50, 100)),
    "of a screen": ({"resolution": (72, 72), "resolutionunit": "inch"}, None),
    "of a screen, in centimetres": ({"resolution": (118.11, 118.11), "resolutionunit": "centimeter"}, None),
    "without a unit": ({"resolution": (200, 100), "resolutionunit": "none"}, None),
    "ImageJ": ({"imagej": True, "resolution": (0.05, 0.1), "metadata": {"unit": "micron"}}, (10, 20)),
    "ImageJ in pixels": ({"imagej": True, "resolution": (0.05, 0.1), "metadata": {"unit": "pixel"}}, None),
}


@pytest.mark.parametrize("case", SIZES)
def test_the_size_of_a_pixel_is_read_where_it_is_one(tmp_path, case):
    options, size = SIZES[case]
    with tifffile.TiffFile(stack(tmp_path / "a.tif", **options)) as file:
        assert pixel_size(file, 0) == (None if size is None else pytest.approx(size, rel=1e-3))
