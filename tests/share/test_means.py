import numpy as np

from msiss.data.prepare import clean
from msiss.runs.decisions import Moved, Named
from msiss.runs.grouping import decide, grouping
from msiss.runs.store import Run
from msiss.share.material import gather
from msiss.share.means import mean_images


def test_a_mean_is_that_of_the_prepared_images_of_the_cluster(finished_run: Run, small_images) -> None:
    cleaned = clean(small_images, finished_run.config.prepare)
    means = mean_images(gather(finished_run))
    assert [mean.cluster for mean in means] == [0, 1, 2]
    for mean, members in zip(means, (range(5), range(5, 9), range(9, 12)), strict=True):
        np.testing.assert_allclose(mean.image, sum(cleaned[ion] for ion in members) / len(members), rtol=1e-6)
        assert mean.ions == len(members)
    # The middle one of five, the second of four, the middle one of three.
    assert [mean.mz for mean in means] == small_images.mz[[2, 6, 10]].tolist()


def test_corrections_and_selections_count(finished_run: Run, small_images) -> None:
    decide(grouping(finished_run), Moved(ions=(0,), to=2))
    decide(grouping(finished_run), Named(cluster=2, name="rim"))
    cleaned = clean(small_images, finished_run.config.prepare)
    (mean,) = mean_images(gather(finished_run, ions=[11, 0]))
    np.testing.assert_allclose(mean.image, cleaned[[0, 11]].mean(axis=0), rtol=1e-6)
    assert (mean.title, mean.ions, mean.mz) == ("2 rim", 2, small_images.mz[0])
