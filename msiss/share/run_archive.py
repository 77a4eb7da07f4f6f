"""The folder of a run as a file for another msiss, as one of the exports."""

from pathlib import Path

from msiss.data.progress import Progress, ignore
from msiss.runs.transfer import export_run
from msiss.share.material import Material


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:
    """Write the run without its ion images, see `msiss.runs.transfer.export_run`."""
    export_run(material.run, path, progress=progress)
