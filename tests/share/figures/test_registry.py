"""Every figure of a run, as files."""

import dataclasses
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from msiss.errors import SettingError
from msiss.runs.grouping import grouping
from msiss.share.figures.options import Options
from msiss.share.figures.registry import FIGURES, files, pages

HOSTILE = "<img src=http://a.b> & $x_1$"
# Enough pairs of isotopes, beyond those of chance.
ISOTOPES = [[mz, mz + 1.00335] for mz in (400.1, 500.1, 600.1, 650.2, 750.2)]
PAIRED = np.sort([402.2, 700.1, *np.ravel(ISOTOPES)])


@pytest.fixture
def texts_of(corrected, small_images):
    """Return a function that returns all texts of a figure."""

    def read(name: str, images=small_images, **options) -> str:
        (figure,) = (figure for _, figure in pages(name, corrected, images, Options(**options)))
        return " ".join(text.get_text() for axes in figure.axes for text in axes.texts)

    return read


def test_all_clusters_have_name_number_of_ions_and_scale(texts_of):
    text = texts_of("clusters")
    for part in (f"Cluster 1 {HOSTILE}", "Cluster 0", "Cluster 2", "5 ions", "4 ions", "3 ions, not tissue", "50 µm"):
        assert part in text
    assert "Ion images: not normalised." in text  # from a file of images, so without a window


def test_ions_have_mz_window_normalisation_cluster_and_scale(texts_of, small_images):
    images = dataclasses.replace(small_images, source="a.imzML", recipe={"read": {"ppm": 7.5}})
    text = texts_of("ions", images, ions=(3, 5))
    for part in (
        f"m/z {images.mz[3]:.4f}",
        f"m/z {images.mz[5]:.4f}",
        "lipid 3",
        "±7.5 ppm, not normalised",
        f"Cluster 1 {HOSTILE}",
        "confidence 0.64",
        "Intensity (a.u.)",
        "50 µm",
    ):
        assert part in text
    assert f"m/z {images.mz[4]:.4f}" not in text
    default = texts_of("ions", images)
    shown = [ion for ion in range(12) if f"m/z {images.mz[ion]:.4f}" in default]
    assert shown == [4, 8, 11]  # the most confident ones of the three clusters


def test_each_cluster_has_a_page_with_its_ions_by_confidence(corrected, small_images):
    found = dict(pages("members", corrected, small_images))
    assert list(found) == ["cluster-0", "cluster-1", "cluster-2"]
    texts = [text.get_text() for text in found["cluster-1"].axes[0].texts]
    order = [text for text in texts if text.startswith("m/z")]
    assert order == [f"m/z {small_images.mz[ion]:.4f}" for ion in (8, 7, 6, 5, 3)]
    assert texts[0] == f"Cluster 1 {HOSTILE}: 5 ions"
    assert [name for name, _ in files("members", corrected, small_images, "svg", Options(clusters=(2,)))] == [
        "members-cluster-2.svg"
    ]


def test_the_legend_has_the_names_and_colours_that_were_given(corrected, small_images):
    (content,) = (content for _, content in files("map", corrected, small_images, "svg"))
    root = ElementTree.fromstring(content)
    assert f"Cluster 1 {HOSTILE}" in {"".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert b"#123456" in content


def test_classes_have_their_names_if_they_have_any(texts_of, small_images):
    assert "Class 2" in texts_of("map-classes")
    named = ("fat",) * 5 + ("",) * 7
    text = texts_of("map-classes", dataclasses.replace(small_images, annotations={"class": named}))
    assert "fat" in text
    assert "Class 0" not in text


@pytest.mark.parametrize("name", ["similarity", "dendrograms"])
def test_representations_are_compared_side_by_side(texts_of, small_images, name):
    text = texts_of(name)
    assert "CNN after self-labelling" in text
    assert "Image vectors (plain pixels)" in text
    text = texts_of(name, ions=(1, 7), compare=("bands", "metaspace", "spearman"))
    for part in ("Bands", "METASPACE-style", "Rank correlation", f"{small_images.mz[1]:.4f}"):
        assert part in text
    assert f"{small_images.mz[2]:.4f}" not in text


def test_isotopes_are_shown_those_apart_first(texts_of, small_images):
    images = dataclasses.replace(small_images, mz=PAIRED)
    text = texts_of("pairs", images)
    first, second = text.index("13C, apart"), text.index("13C, both in cluster")
    assert first < second
    assert "5 pairs of isotopes and adducts within" in text


@pytest.mark.parametrize("name", FIGURES.names)
def test_every_figure_is_made_in_every_format(corrected, small_images, name):
    images = dataclasses.replace(small_images, mz=PAIRED) if name == "pairs" else small_images
    file, content = next(files(name, corrected, images, "png"))
    assert file.startswith(name)
    assert file.endswith(".png")
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert picture.shape[1] in (round(84 / 25.4 * 300), round(174 / 25.4 * 300))
    assert (picture[-1] == 255).all()  # white, whatever the page looks like


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("ions", {"ions": (12,)}, "there is no ion 12: they are 0 to 11"),
        ("members", {"clusters": (9,)}, "no cluster 9. There are: 0, 1, 2"),
        ("spectrum", {"zoom": (900.0, 901.0)}, "no ion lies between 900.0000 and 901.0000"),
        ("similarity", {"compare": ("gone",)}, "this run has no gone"),
        ("dendrograms", {"ions": (1,)}, "A tree of 1 ions cannot be drawn"),
        ("map", {"method": "pca"}, "no map by pca"),
        ("pairs", {}, "No isotopes or adducts were found"),
        ("nothing", {}, "There is no figure named nothing. There are: clusters, members"),
    ],
)
def test_what_cannot_be_drawn_is_said(corrected, small_images, name, options, reason):
    with pytest.raises(SettingError, match=reason):
        list(pages(name, corrected, small_images, Options(**options)))


def test_without_classes_there_is_no_map_of_them(corrected, small_images):
    with pytest.raises(SettingError, match="no known classes"):
        list(pages("map-classes", corrected, dataclasses.replace(small_images, labels=None)))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"colours": "jet"}, "there is no colour map jet"),
        ({"quantile": 0.2}, "not between 0.5 and 1"),
        ({"zoom": (5.0, 4.0)}, "5 is not below 4"),
        ({"compare": ("a", "b", "c", "d")}, "4 representations do not fit"),
    ],
)
def test_options_are_checked(options, reason):
    with pytest.raises(SettingError, match=reason):
        Options(**options)


def test_intensities_are_normalised_as_for_the_training(finished_run, small_images):
    settings = {"prepare.normalisation": "rms"}
    config = finished_run.config.with_settings(settings)
    finished_run.request = finished_run.request.model_copy(update={"config": config})
    drawn = dict(pages("ions", grouping(finished_run), small_images, Options(ions=(0,), quantile=1)))[""]
    texts = [text.get_text() for text in drawn.axes[0].texts]
    assert "RMS-normalised" in texts
    plain = np.sqrt(np.square(small_images.images, dtype=float).mean(axis=0))
    factors = np.divide(np.median(plain[plain > 0]), plain, out=np.zeros_like(plain), where=plain > 0)
    brightest = (small_images.images[0] * factors).max()
    assert any(text and text[0].isdigit() and float(text) == pytest.approx(brightest, abs=0.5) for text in texts[-8:])
