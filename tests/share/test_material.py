import numpy as np
import pytest

from msiss.errors import DataError, RunError, SettingError
from msiss.learn.paper.config import PaperConfig
from msiss.runs.store import Run
from msiss.share import material
from msiss.share.material import gather, lacks_images


def test_all_ions_are_taken_where_none_are_named(finished_run: Run) -> None:
    whole = gather(finished_run)
    assert whole.clusters == [0, 1, 2]
    assert whole.members(1).tolist() == [5, 6, 7, 8]


def test_selected_ions_keep_their_order_and_are_taken_once(finished_run: Run) -> None:
    few = gather(finished_run, ions=[9, 0, 9, 2])
    assert few.table["ion"].tolist() == [9, 0, 2]
    assert few.table["cluster"].tolist() == [2, 0, 0]
    assert few.clusters == [0, 2]
    assert few.members(0).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("ions", "message"), [([], "none are selected"), ([12], "12 is not among them"), ([-1, 3], "numbered from 0")]
)
def test_ions_that_do_not_exist_are_refused(finished_run: Run, ions, message) -> None:
    with pytest.raises(SettingError, match=message):
        gather(finished_run, ions=ions)


def test_an_unfinished_run_is_refused(tmp_path) -> None:
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint="f", config=PaperConfig(clusters=3))
    with pytest.raises(RunError, match="yet: it is queued"):
        gather(run)


def test_images_are_those_of_the_training(finished_run: Run, small_images, tmp_path) -> None:
    assert gather(finished_run).images.fingerprint == small_images.fingerprint
    assert gather(finished_run, images=small_images).images is small_images
    assert lacks_images(gather(finished_run)) == ""
    small_images.subset(range(4)).save(tmp_path / "other")
    finished_run.use_dataset(tmp_path / "other")
    with pytest.raises(DataError, match="has changed since this run was made"):
        gather(finished_run).images  # noqa: B018
    assert "has changed" in lacks_images(gather(finished_run))
    assert gather(finished_run).table["name"].tolist() == list(small_images.names)  # without images, too


def test_blocks_follow_each_other(finished_run: Run, monkeypatch) -> None:
    monkeypatch.setattr(material, "BLOCK_BYTES", 5 * 4 * 16 * 20)
    blocks = list(gather(finished_run).blocks())
    assert [(block.start, block.stop) for block in blocks] == [(0, 5), (5, 10), (10, 12)]
    monkeypatch.setattr(material, "BLOCK_BYTES", 1)
    assert len(list(gather(finished_run, ions=np.arange(3)).blocks())) == 3
