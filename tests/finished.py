"""A run that is done, without a training."""

import time
from pathlib import Path

import numpy as np
import pandas as pd

from msiss.analyse.representations import IMAGE_VECTORS, JOINT, is_measure
from msiss.data.ion_images import IonImages
from msiss.learn.events import EpochEnded, PhaseStarted, to_json
from msiss.learn.methods import METHODS
from msiss.learn.paper.config import PaperConfig
from msiss.runs.jobs import State, Status
from msiss.runs.store import RESULTS, Run, RunStore, planned

# True class of each of the twelve ions.
CLASSES = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2])


def finish_a_run(home: Path, images: IonImages, name: str) -> Run:
    """Save twelve images as the data set `name` in a home folder, with a run of theirs that is done.

    All representations find `CLASSES` but `image-vectors`, which takes ion 4 for one of class 1.
    """
    dataset = home / "datasets" / name
    images.save(dataset)
    run = RunStore(home / "runs").create(
        dataset=dataset, fingerprint=images.fingerprint, config=PaperConfig(clusters=3)
    )
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"ion": np.arange(12), "mz": images.mz, "name": images.names})
    maps = []
    (run.path / RESULTS / "features").mkdir(parents=True)
    for representation in planned(run.config):
        clusters = CLASSES.copy()
        if representation == IMAGE_VECTORS:
            clusters[4] = 1
        table[representation] = clusters
        features = np.eye(8, dtype=np.float32)[clusters] + rng.uniform(0, 0.1, (12, 8)).astype(np.float32)
        np.save(run.path / RESULTS / "features" / f"{representation}.npy", features)
        if is_measure(representation) and representation not in (IMAGE_VECTORS, JOINT):
            continue
        for method in ("umap", "tsne"):
            x, y = rng.normal(size=(2, 12)).astype(np.float32) + clusters
            place = {"ion": np.arange(12), "representation": representation, "method": method, "x": x, "y": y}
            maps.append(pd.DataFrame(place))
    table["confidence"] = np.linspace(0.5, 1, 12, dtype=np.float32)
    table.to_parquet(run.path / RESULTS / "clusters.parquet", index=False)
    pd.concat(maps).to_parquet(run.path / RESULTS / "maps.parquet", index=False)
    _write_events(run)
    now = time.time()
    run.write_status(
        Status(
            state=State.DONE, phase="analyse", fraction=1, device="CPU", started=now - 60, finished=now, heartbeat=now
        )
    )
    return run


def _write_events(run: Run) -> None:
    for phase in ("prepare", *(stage.name for stage in METHODS[run.config.method].stages), "analyse", "check"):
        epochs = 3 if phase in ("contrastive", "classifier", "self-label") else 0
        run.append_event(to_json(PhaseStarted(phase, epochs)))
        for epoch in range(1, epochs + 1):
            values = {"loss": 2 / epoch} | ({"confident": 0.2 * epoch} if phase == "self-label" else {})
            run.append_event(to_json(EpochEnded(phase, epoch, epochs, values)))
