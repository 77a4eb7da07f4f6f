"""The part Spectrum of the page Clusters: isotopes that the clusters keep together or split."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from msiss.analyse.masses import CARBON_13
from msiss.ui.explore.clusters.spectrum import ions_of

# Three isotope groups: of three ions of class 0, of two of class 1, and of one of class 1 with one of class 2.
MZ = np.array([500.1, 500.1 + CARBON_13, 500.1 + 2 * CARBON_13, 610.3, 622.7, 701.2, 701.2 + CARBON_13, 733.6, 800.9])
MZ = np.concatenate([MZ, [800.9 + CARBON_13, 911.4, 987.2]])


CLASSES = np.repeat([0, 1, 2], [5, 4, 3])  # of `small_images`


@pytest.fixture
def small_images(small_images):
    """Return the twelve ion images with isotopes among them."""
    return replace(small_images, mz=MZ, names=())


@pytest.fixture
def spectrum(open_page, finished_run):
    """Return the open part of the page."""
    app = open_page("explore/clusters", sel="3")
    app.segmented_control(key="clusters part").set_value("Spectrum").run()
    return app


def traces(app):
    """Return position and intensity of the ions in each trace, by its name."""
    (chart,) = app.get("plotly_chart")
    drawn = json.loads(chart.proto.spec)["data"]
    return {
        trace.get("name", "tops"): [np.frombuffer(base64.b64decode(trace[axis]["bdata"])) for axis in "xy"]
        for trace in drawn
    }


def test_isotopes_kept_and_split_are_marked_and_counted(spectrum, small_images):
    assert not spectrum.error
    kept, split, selected = list(traces(spectrum).values())[-3:]
    assert (len(kept[0]), len(split[0]), selected[0].tolist()) == (5, 2, [MZ[3]])
    told = [one.value for one in spectrum.markdown]
    assert "**2** kept in one cluster, **1** split." in told
    pairs = np.array([[0, 1], [1, 2], [5, 6], [8, 9]])
    together = np.mean([CLASSES[one] == CLASSES[other] for one, other in pairs])
    sizes = np.bincount(CLASSES)
    chance = (sizes * (sizes - 1)).sum() / (12 * 11)
    assert any(
        f"**{together:.0%}** of 4 pairs of isotopes or adducts are in one cluster" in text
        and f"it would be {chance:.0%}." in text
        for text in told
    )
    groups = spectrum.dataframe[1].value
    assert groups[""].tolist() == ["split", "kept", "kept"]
    assert groups["Clusters"].tolist() == ["1, 2", "0", "1"]
    means = small_images.images.sum(axis=(1, 2)) / small_images.mask.sum()
    np.testing.assert_allclose(traces(spectrum)["tops"][1], means, rtol=1e-6)
    np.testing.assert_allclose(traces(spectrum)["2"][1][1::3], means[CLASSES == 2], rtol=1e-6)


def test_a_click_selects_the_ion_whatever_the_trace():
    points = [{"customdata": 4}, {"customdata": [2]}, {"curve_number": 2}, {"customdata": 99}]
    assert ions_of({"selection": {"points": [*points, points[0]]}}, 12) == [2, 4]
    assert ions_of({"selection": {"points": []}}, 12) == []
    assert ions_of({}, 12) == []
