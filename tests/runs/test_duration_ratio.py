"""The ratio of measured to estimated durations: of comparable runs only."""

from pathlib import Path

import pandas as pd
import pytest

from msiss.home import runs_folder
from msiss.learn import estimate
from msiss.learn.config import Device
from msiss.learn.events import PhaseStarted, to_json
from msiss.learn.methods import preset_config
from msiss.runs.duration_ratio import duration_ratio
from msiss.runs.jobs import State, Status
from msiss.runs.store import Run, RunStore

pytestmark = pytest.mark.usefixtures("msiss_home")


def finished(
    times: float, *, seed: int, ions: int = 20, state: State = State.DONE, preset: str = "msiss", **settings: object
) -> Run:
    """Put a run into the store that took so many times as long as told."""
    config = preset_config(preset, clusters=3, seed=seed, **settings)
    run = RunStore(runs_folder()).create(dataset=Path("data"), fingerprint="f", config=config)
    run.append_event(to_json(PhaseStarted("prepare")))
    (run.path / "results").mkdir()
    pd.DataFrame({"ion": range(ions)}).to_parquet(run.path / "results" / "clusters.parquet")
    run.write_status(Status(state=state, started=100.0, finished=100 + times * estimate.seconds(config, ions)))
    return run


def found(method: str = "msiss", device: Device = Device.AUTO) -> float | None:
    return duration_ratio(RunStore(runs_folder()), method, device)


def test_without_trainings_nothing_is_known() -> None:
    assert found() is None


def test_it_is_the_median_of_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed, times in enumerate((1.0, 3.0, 2.0)):
        finished(times, seed=seed, ions=20 + seed)
    assert found() == pytest.approx(2)
    monkeypatch.setattr("msiss.runs.duration_ratio.MOST_RUNS", 1)
    assert found() == pytest.approx(2)  # the last one
    finished(7.0, seed=9)
    assert found() == pytest.approx(7)


def test_what_cannot_be_compared_does_not_count() -> None:
    finished(2.0, seed=0)
    finished(9.0, seed=1, device="cpu")
    finished(9.0, seed=2, preset="quick")
    finished(9.0, seed=3, state=State.FAILED)
    resumed = finished(0.1, seed=4)
    resumed.append_event(to_json(PhaseStarted("prepare")))
    finished(9.0, seed=5)
    (RunStore(runs_folder()).folder / finished(9.0, seed=6).path.name / "status.json").write_text("")
    assert found() == pytest.approx((2.0 + 9.0) / 2)
    assert found(device=Device.CPU) == pytest.approx(9)
