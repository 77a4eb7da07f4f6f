"""Mean images of corrected clusters are made from those of the run and the images that were moved."""

import numpy as np
import pytest

from msiss.data.prepare import clean
from msiss.runs.decisions import Merged, Moved
from msiss.runs.grouping import decide, grouping
from msiss.ui.explore import results
from msiss.ui.explore.view import View


@pytest.mark.parametrize("settings", [{}, {"prepare.normalisation": "tic"}, {"prepare.median_filter": True}])
def test_means_are_those_of_the_cleaned_images(finished_run, small_images, monkeypatch, settings):
    config = finished_run.config.with_settings(settings)
    monkeypatch.setattr(type(finished_run), "config", config)
    cleaned = clean(small_images, config.prepare)
    shown = View(finished_run, config.result, config.clusters)
    for decision in (None, Moved(ions=(0, 5, 9), to=7), Moved(ions=(10, 11), to=0), Merged(merged=(1,), into=7)):
        if decision is not None:
            decide(grouping(finished_run), decision)
        labels = grouping(finished_run).labels
        found = results.mean_images(shown, small_images)
        assert list(found) == np.unique(labels).tolist()
        for number, mean in found.items():
            np.testing.assert_allclose(mean, cleaned[labels == number].mean(axis=0), atol=1e-6)
