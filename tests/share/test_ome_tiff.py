"""OME-TIFF, read by tifffile and by msiss; other programs are tried by benchmarks/opens.py."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile

from msiss.data.formats.pictures import load
from msiss.runs.decisions import Coloured, Named
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share import material, ome_tiff
from msiss.share.material import gather
from msiss.share.means import mean_images

OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


def opened(path) -> tuple[np.ndarray, ElementTree.Element]:
    with tifffile.TiffFile(path) as file:
        return file.asarray(), ElementTree.fromstring(file.ome_metadata)


def channels(root: ElementTree.Element) -> list[str | None]:
    return [channel.get("Name") for channel in root.iter(f"{OME}Channel")]


def test_msiss_reads_the_same_images_back(finished_run: Run, small_images, tmp_path) -> None:
    said = {"Instrument": "Q Exactive HF", "Measured on": "2019-03-01T00:00:00", "m/z range": "400 to 1,000"}
    rectangles = replace(small_images, pixel_size=(20.0, 12.5), about=said)
    ome_tiff.write(gather(finished_run, images=rectangles), tmp_path / "ions.ome.tif")
    images, _ = load(tmp_path / "ions.ome.tif")
    np.testing.assert_array_equal(images.images, small_images.images)
    np.testing.assert_array_equal(images.mz, np.round(small_images.mz, 4))
    assert images.pixel_size == (20.0, 12.5)
    assert said.items() <= images.about.items()


def test_channels_have_mz_name_and_the_colour_of_the_cluster(finished_run: Run, tmp_path) -> None:
    decide(grouping(finished_run), Coloured(cluster=2, colour="#ff0001"))
    ome_tiff.write(gather(finished_run, ions=[11, 0]), tmp_path / "few.ome.tif")
    cube, root = opened(tmp_path / "few.ome.tif")
    assert cube.shape == (2, 16, 20)
    assert channels(root) == ["m/z 800.3000 lipid 11", "m/z 400.1000 lipid 0"]
    colours = [int(channel.get("Color", 0)) % 2**32 for channel in root.iter(f"{OME}Channel")]
    assert [f"{colour:08x}" for colour in colours] == ["ff0001ff", "1e78d7ff"]
    (pixels,) = root.iter(f"{OME}Pixels")
    assert (pixels.get("Type"), pixels.get("SizeC"), pixels.get("PhysicalSizeX")) == ("float", "2", "10.0")
    assert pixels.get("PhysicalSizeYUnit") == "µm"


def test_an_unknown_pixel_size_is_not_told(finished_run: Run, small_images, tmp_path) -> None:
    ome_tiff.write(gather(finished_run, images=replace(small_images, pixel_size=None)), tmp_path / "a.ome.tif")
    (pixels,) = opened(tmp_path / "a.ome.tif")[1].iter(f"{OME}Pixels")
    assert pixels.get("PhysicalSizeX") is None


@pytest.mark.parametrize("name", ['<&"\x00\x0b>', "\N{PILE OF POO} é"])
def test_any_name_gives_valid_xml(finished_run: Run, small_images, tmp_path, name) -> None:
    decide(grouping(finished_run), Named(cluster=0, name="<&>"))
    some = replace(small_images, names=(name, *small_images.names[1:]), source=name)
    whole = gather(finished_run, images=some)
    whole.table["name"] = list(some.names)
    ome_tiff.write(whole, tmp_path / "a.ome.tif")
    shown = "".join(letter for letter in name if letter not in "\x00\x0b")
    assert channels(opened(tmp_path / "a.ome.tif")[1])[0] == f"m/z 400.1000 {shown}"
    ome_tiff.write_means(whole, tmp_path / "b.ome.tif")
    assert channels(opened(tmp_path / "b.ome.tif")[1])[0] == "cluster 0 <&> (5 ions)"


def test_means_are_those_of_the_clusters(finished_run: Run, tmp_path) -> None:
    ome_tiff.write_means(gather(finished_run), tmp_path / "means.ome.tif")
    cube, root = opened(tmp_path / "means.ome.tif")
    np.testing.assert_array_equal(cube, [mean.image for mean in mean_images(gather(finished_run))])
    assert channels(root) == ["cluster 0 (5 ions)", "cluster 1 (4 ions)", "cluster 2 (3 ions)"]


def test_one_channel_and_blocks(finished_run: Run, small_images, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(material, "BLOCK_BYTES", 1)
    monkeypatch.setattr(ome_tiff, "BIG_BYTES", 100)
    for ions in ([4], range(12)):
        ome_tiff.write(gather(finished_run, ions=ions), tmp_path / "a.ome.tif")
        with tifffile.TiffFile(tmp_path / "a.ome.tif") as file:
            assert file.is_bigtiff
            np.testing.assert_array_equal(file.asarray().reshape(-1, 16, 20), small_images.images[list(ions)])
