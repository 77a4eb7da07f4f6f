"""Trained encoders that a training on other data may start from, see `msiss.learn.paper.start`."""

from collections.abc import Iterable, Iterator

from msiss.errors import RunError
from msiss.learn.paper.config import PaperConfig
from msiss.learn.paper.start import keep_start
from msiss.runs.jobs import State
from msiss.runs.store import Run

WEIGHTS = "weights.safetensors"


def offered_encoders(runs: Iterable[Run], fingerprint: str) -> Iterator[Run]:
    """Yield the runs whose encoder a training on the data set of this fingerprint may start from.

    They are those of the paper's method on other data. On the same data the network would have seen the pixels that the
    checks on half of them keep from it. The network of the method msiss has a weight for every place of one section.
    """
    for run in runs:
        if (
            isinstance(run.config, PaperConfig)
            and run.request.fingerprint != fingerprint
            and run.result_path(WEIGHTS).is_file()
            and run.status.state == State.DONE
        ):
            yield run


def starting_point(run: Run, fingerprint: str) -> dict[str, str]:
    """Return the settings by which a training starts from the encoder of a run, of which a copy is kept.

    Parameters
    ----------
    run : Run
    fingerprint : str
        Of the data set that is to be trained on.

    Raises
    ------
    RunError
        If a training on that data set cannot start from this run.
    """
    if not list(offered_encoders([run], fingerprint)):
        raise RunError(
            f"No training on these data can start from the run in {run.path}: that takes a finished run of the paper's "
            "method on other data. The network of the method msiss belongs to the grid of one section."
        )
    assert isinstance(run.config, PaperConfig)
    return {"encoder": run.config.encoder, "start": keep_start(run.result_path(WEIGHTS))}
