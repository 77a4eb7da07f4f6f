"""A child has compiled kernels, and cannot change those of the next."""

from pathlib import Path

import numpy as np
import pytest

from msiss.data import child_caches
from msiss.data.confined import parent
from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.recipe import ReadConfig


@pytest.mark.parametrize("mode", ["continuous", "processed"])
def test_kernels_are_compiled_ahead_and_each_child_has_a_copy(tmp_path, mode) -> None:
    path = tmp_path / "section.imzML"
    mz = np.linspace(100, 200, 5)
    write_imzml(path, [(x, y, mz, mz * x) for x in (1, 2, 3) for y in (1, 2, 3)], mode=mode)
    with child_caches.copied([path]) as home:
        before = compiled(home)
        work = "msiss.data.foreign_works:preview_peaks"
        arguments = {"path": path, "config": ReadConfig().model_dump(mode="json")}
        parent.run(
            work, arguments, name=path.name, reads=[path, path.with_suffix(".ibd")], lists=[tmp_path], msiss_home=home
        )
        assert before
        assert compiled(home) == before  # it had to compile nothing
        for copy in (home / "kernels").rglob("*.nbi"):
            copy.write_bytes(b"taken over")
    with child_caches.copied([path]) as home:
        assert all(copy.read_bytes() != b"taken over" for copy in (home / "kernels").rglob("*.nbi"))


def test_other_files_need_nothing(tmp_path) -> None:
    with child_caches.copied([tmp_path / "a.npz", tmp_path]) as home:
        assert home is None


def compiled(home: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (home / "kernels").rglob("*.nbc")}
