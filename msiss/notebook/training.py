"""From ion images to a finished run."""

import os
from pathlib import Path
from typing import Any

from msiss import home
from msiss.data.ion_images import IonImages
from msiss.data.recipe import recorded_preparation
from msiss.errors import DataError, RunError, SettingError
from msiss.learn.config import RunConfig
from msiss.learn.methods import preset_config
from msiss.notebook.data import folder_of
from msiss.notebook.run import Run
from msiss.progress_line import ProgressLine
from msiss.runs import store
from msiss.runs.following import follow
from msiss.runs.in_process import start_in_process
from msiss.runs.jobs import State


def cluster(
    images: IonImages | str | os.PathLike[str],
    clusters: int | None = None,
    *,
    preset: str = "msiss",
    seed: int = 0,
    config: RunConfig | None = None,
    folder: str | os.PathLike[str] | None = None,
    progress: bool = True,
    **settings: Any,
) -> Run:
    """Train on ion images in this process, and group them into clusters.

    The same request returns a finished run immediately, and resumes a stopped one. The settings for intensities in the
    recipe of the images apply unless other settings are given, as with ``msiss run``.

    Parameters
    ----------
    images : IonImages or path
        The ion images, or the folder of a data set.
    clusters : int, optional
        Number of groups of co-localized ions, 2 to 200. Required unless `config` sets it.
    preset : {"msiss", "quick", "paper"}
        The training: msiss, the method spatial, which needs no GPU; quick, a short version of the method of Hu, Bindu &
        Laskin (2022); or paper, that method as published.
    seed : int
        The same seed gives the same result.
    config : RunConfig, optional
        All settings, instead of preset, seed and clusters.
    folder : path, optional
        The folder of the run; by default in the folder of the dashboard, which shows the run as well.
    progress : bool
        Whether to show the progress of the training.
    **settings
        Other settings by their dotted names, as in ``device="cpu", **{"contrastive.epochs": 20}``.

    Returns
    -------
    Run

    Raises
    ------
    DataError
        If `images` is neither ion images nor a data set, or cannot be read.
    SettingError
        If a setting is unknown or out of its range.
    RunError
        If the training fails, or `folder` has other content.
    KeyboardInterrupt
        If it is interrupted; the same call resumes the training.
    """
    if not isinstance(images, IonImages | str | os.PathLike):
        raise DataError(
            f"images is {type(images).__name__}, but ion images or the folder of a data set is expected. Arrays become "
            "ion images by msiss.IonImages.from_arrays(images, mz)."
        )
    stack = images if isinstance(images, IonImages) else IonImages.load(images)
    whole = _config(stack, clusters, preset, seed, config, settings)
    request: dict[str, Any] = {"dataset": folder_of(stack), "fingerprint": stack.fingerprint, "config": whole}
    if folder is None:
        run = store.RunStore(home.made(home.runs_folder())).create(**request)
    else:
        run = store.Run.create(Path(folder).expanduser(), **request)
    line = ProgressLine(progress)
    if run.status.state == State.DONE:
        line.end(f"This run was done before: {run.path}")
    else:
        _train(run, line)
    return Run(run.path, images=stack)


def _config(
    images: IonImages,
    clusters: int | None,
    preset: str,
    seed: int,
    config: RunConfig | None,
    settings: dict[str, Any],
) -> RunConfig:
    if config is not None:
        if clusters not in (None, config.clusters):
            raise SettingError(f"clusters is {clusters}, but config says {config.clusters}. Give one of the two.")
        return config.with_settings(settings)
    if clusters is None:
        raise SettingError("clusters is missing: say how many groups of ions to look for, as in clusters=12.")
    recorded = recorded_preparation(images.recipe)
    return preset_config(preset, clusters=clusters, seed=seed).with_settings(recorded | settings)


def _train(run: store.Run, line: ProgressLine) -> None:
    """Train a run, or wait for the process that trains it already."""
    own = run.status.state != State.RUNNING
    thread = start_in_process(run) if own else None
    if not own:
        line.end("Another process is training this run; this is its progress.")

    def interrupted() -> None:
        if not own:
            line.end()
            raise KeyboardInterrupt(f"The other process goes on training the run {run.path}.") from None
        line.end("Stopping after this batch ...")
        run.request_stop()

    status = follow(run, thread, show=lambda status: line.show(status.fraction, status.text), interrupted=interrupted)
    if status.state == State.DONE:
        line.show(1.0, "trained")  # the last status that was seen may be from before
    line.end()
    if status.state == State.STOPPED:
        raise KeyboardInterrupt(f"The training was stopped. The same call goes on where it was: {run.path}")
    if status.state != State.DONE:
        raise RunError(status.message or f"The run in {run.path} ended as {status.state}.")
    notes = [str(note["message"]) for note in run.events("Note")]
    line.end("\n".join([*notes, f"Done on {status.device}: {run.path}"]))
