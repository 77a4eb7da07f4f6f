"""The commands for the runs of the dashboard: runs, compare, replicates."""

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from msiss import home
from msiss.cli.add import Add
from msiss.data.pasted import pasted
from msiss.errors import DataError, RunError
from msiss.runs.labels import change_label, pinned_first, title_of_run, titles_of_runs
from msiss.runs.overview import SCORE_TITLES, row_of, scores_of
from msiss.runs.run_bin import RunBin
from msiss.runs.store import Run, RunStore
from msiss.words import count, duration, size

RUN_HELP = "folder of a run, or the beginning of its name among those of the dashboard"


def runs(options: argparse.Namespace) -> None:
    """List the runs of the dashboard with their scores; name, delete or restore one."""
    store = RunStore(home.runs_folder())
    trash = RunBin(store.folder)
    if options.label is not None:
        run = _find(options.label[0])
        change_label(run, name=options.label[1])
        print(f"{run.path.name}: {title_of_run(run)}")
    elif options.delete:
        run = _find(options.delete)
        trash.put(run)
        print(f"Moved to the bin: {run.path.name}. `msiss runs --restore {run.path.name}` restores it.")
    elif options.restore:
        print(f"Restored: {trash.restore(trash.find(options.restore)).path}")
    elif options.empty_bin:
        freed = trash.bytes()
        print(f"Deleted {count(trash.empty(), 'run')} for good, {size(freed)}.")
    elif options.bin:
        for one in trash:
            print(f"{one.identity} deleted {one.when.astimezone():%Y-%m-%d %H:%M} {title_of_run(one.run)}")
        print(f"The bin has {size(trash.bytes())}.")
    else:
        _list(store, options.dataset, as_json=options.json)


def compare(options: argparse.Namespace) -> None:
    """Compare two runs of one data set: the settings that differ, and how their clusters match."""
    from msiss.runs.comparison import compare as compare_runs
    from msiss.runs.comparison import title_of_setting

    first, second = _find(options.run), _find(options.other)
    found = compare_runs(first, second)
    for name, (a, b) in found.settings.items():
        print(f"{title_of_setting(first.config, name)}: {a} | {b}")
    matching = found.matching
    moved = int(matching.moved.sum())
    print(f"{moved} of {count(len(matching.moved), 'ion')} moved; ARI {matching.ari:.3f}, AMI {matching.ami:.3f}.")
    order = matching.ordered()
    table = pd.DataFrame(
        matching.table[:, order],
        index=[found.first.clusters[int(cluster)].title for cluster in matching.first],
        columns=[found.second.clusters[int(matching.second[place])].title for place in order],
    )
    print("Ions in each cluster of the first run (rows) and of the second (columns, matched clusters first):")
    print(table.to_string())


def replicates(options: argparse.Namespace) -> None:
    """Print mean and standard deviation of the scores over the runs that differ from a run in their seed only."""
    from msiss.runs.replicates import replicates_of, summarise

    run = _find(options.run)
    summary = summarise(replicates_of(run, RunStore(run.path.parent)), _labels(run))
    if summary is None:
        raise RunError("None of these runs is done.")
    print(f"{count(len(summary.runs), 'training')}, seeds {', '.join(str(one.config.seed) for one in summary.runs)}")
    rows = {name: {score: str(one) for score, one in row.items()} for name, row in summary.scores.items()}
    print(pd.DataFrame.from_dict(rows, orient="index").fillna("").to_string())
    if len(summary.runs) > 1:
        print(f"Agreement of their clusters: ARI {summary.ari}, AMI {summary.ami}.")


def add_commands(add: Add) -> None:
    """Add these commands to the command line."""
    one = add("runs", runs)
    one.add_argument("--dataset", type=pasted, metavar="DATASET", help="only those of this data set")
    one.add_argument("--json", action="store_true", help="print the list as JSON")
    one.add_argument("--name", dest="label", nargs=2, metavar=("RUN", "NAME"), help="give a run a name")
    one.add_argument("--delete", metavar="RUN", help="move a run to the bin")
    one.add_argument("--bin", action="store_true", help="list what is in the bin")
    one.add_argument("--restore", metavar="RUN", help="restore a run from the bin")
    one.add_argument("--empty-bin", action="store_true", help="delete what is in the bin for good")

    one = add("compare", compare)
    one.add_argument("run", metavar="RUN", help=RUN_HELP)
    one.add_argument("other", metavar="OTHER")

    one = add("replicates", replicates)
    one.add_argument("run", metavar="RUN", help=RUN_HELP)


def _list(store: RunStore, dataset: Path | None, *, as_json: bool) -> None:
    chosen = list(store)
    if dataset is not None:
        from msiss.data.ion_images import IonImages

        fingerprint = IonImages.load(dataset).fingerprint
        chosen = [run for run in chosen if run.request.fingerprint == fingerprint]
    chosen = pinned_first(chosen)
    titles = titles_of_runs(chosen)
    rows: list[dict[str, Any]] = []
    for run in chosen:
        row = row_of(run)
        rows.append(
            {
                "run": row.identity,
                "data set": run.request.dataset.name,
                "title": titles[row.identity],
                "tags": ", ".join(row.tags),
                "method": row.method,
                "clusters": row.clusters,
                "seed": row.seed,
                "state": str(row.state),
                **{score: scores_of(run, _labels(run)).get(score) for score in SCORE_TITLES},
                "seconds": row.seconds,
                "device": row.device,
            }
        )
    if as_json:
        print(json.dumps(rows, indent=1))
    elif rows:
        for told in rows:
            seconds = told.pop("seconds")
            told["time"] = "" if seconds is None else duration(float(seconds))
        table = pd.DataFrame(rows)
        print(table.to_string(index=False, na_rep="", float_format=lambda value: f"{value:.3f}"))
    else:
        print("No runs yet. `msiss run` trains one.")


def _find(text: str) -> Run:
    """Return the run in a folder, or the one of the dashboard whose name begins so."""
    if (Path(text) / "config.json").exists():
        return Run(Path(text))
    found = [run for run in RunStore(home.runs_folder()) if run.path.name.startswith(text)]
    if len(found) != 1:
        how_many = "There are several runs" if found else "There is no run"
        raise RunError(f"{how_many} whose name begins with {text}. `msiss runs` lists them.")
    return found[0]


def _labels(run: Run) -> np.ndarray | None:
    return _known_classes(run.request.dataset, run.request.fingerprint)


@cache
def _known_classes(dataset: Path, fingerprint: str) -> np.ndarray | None:
    """Return the known classes of a data set; None if it has none, or is not here any more."""
    from msiss.data.ion_images import IonImages

    try:
        images = IonImages.load(dataset)
    except DataError:
        return None
    return images.labels if images.fingerprint == fingerprint else None
