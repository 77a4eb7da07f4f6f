"""How well every representation sees what is known: every method on every truth, over seeds.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/quality.py --out FOLDER --jobs 2

What has been measured is kept in FOLDER/rows.jsonl, so that an interrupted run goes on; --write puts the tables into
benchmarks/RESULTS.md. `--seeds` names the seeds; the phantoms of seed 0, 1, 2 are those with open seeds 100, 101, 102
(benchmarks/truths.py), or with --sealed those that no setting was chosen on.

plain   the measures without training
msiss   the preset msiss
paper   the paper's schedule (50 + 20 + 150 epochs) with EfficientNet-Lite0 and images of 64 px, which two cores can do
quick   the preset quick
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import results
import torch
import truths
from examine import Row, examine
from real_sets import REAL_SETS

from msiss.analyse.bootstrap import paired_difference
from msiss.analyse.representations import measure_names
from msiss.learn.methods import preset_config
from msiss.learn.paper.encoders import LITE0

CONFIGS = {
    "plain": None,
    "msiss": preset_config("msiss", clusters=2),
    "paper": preset_config("paper", clusters=2, encoder=LITE0, prepare={"side": 64}, batch_size=183),
    "quick": preset_config("quick", clusters=2),
}
CLASS_SCORES = ("n", "purity", "rounded purity", "ARI", "AMI", "1-NN", "10-NN", "30-NN", "R-precision")
PAIR_SCORES = ("n", "same_cluster", "chance", "together", "top5", "apart", "mrr")
POOLED = {  # what is asked of several real sets together, every query with the same weight
    "pairs of ions": (("bladder", "barley", "isotopologues"), ("top5", "apart", "together")),
    "genes": (("cerebellum", "olfactory bulb"), ("10-NN",)),
}
AGAINST = ("image-vectors", "hub-corrected", "joint")
Task = tuple[str, str, int, bool]  # method, truth, seed, and whether phantoms are sealed
LEVELS = tuple(f"{level}{contrast}" for contrast in ("", " contrast") for level in truths.LEVELS)
# What the methods are compared by, and whether single queries allow an interval.
COMPARED = {
    "AMI": False,
    "10-NN": True,
    "R-precision": False,
    "top5": True,
    "apart": True,
    "together": True,
    "thinning": True,
}


def main() -> None:
    """Measure what is missing and print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--truths", nargs="+", default=[*REAL_SETS, "uterus", "phantom"])
    parser.add_argument("--methods", nargs="+", choices=list(CONFIGS), default=["plain", "msiss", "paper"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--sealed", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "rows.jsonl"
    todo = [
        (method, truth, seed, options.sealed)
        for seed in options.seeds
        for method in options.methods
        for truth in options.truths
        if not (method == "plain" and truth in REAL_SETS and seed != options.seeds[0])  # nothing in it is drawn
    ]
    measure(file, todo, options.jobs, _examine)
    text = tables(rows_in(file))
    print(text)
    if options.write:
        results.write("quality", text)


def measure(file: Path, todo: Iterable[Task], jobs: int, work: Callable[[Task], dict]) -> None:
    """Do the tasks that the file has no entry of yet, and add their entries."""
    done = {tuple(entry["task"]) for entry in _entries(file)}
    threads = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, get_context("spawn"), torch.set_num_threads, (threads,)) as pool:
        for entry in pool.map(work, [task for task in todo if task not in done]):
            with file.open("a") as out:
                out.write(json.dumps(entry) + "\n")
            print(f"{' '.join(map(str, entry['task']))}: {entry['seconds']:.0f} s", flush=True)


def _examine(task: Task) -> dict:
    method, truth, seed, sealed = task
    start = time.monotonic()
    rows = [asdict(row) for row in examine(_truth(truth, seed, sealed), seed, CONFIGS[method])]
    return {"task": task, "seconds": time.monotonic() - start, "rows": rows}


def _truth(name: str, seed: int, sealed: bool) -> truths.Truth:
    if name in REAL_SETS:
        return REAL_SETS[name]()
    if name == "uterus":
        return truths.uterus(seed)
    return truths.phantom((truths.SEALED_SEEDS if sealed else truths.OPEN_SEEDS)[seed])


def _entries(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def rows_in(file: Path) -> list[Row]:
    """Return the rows of a file; those of the quick schedule under names of their own."""
    rows = []
    for entry in _entries(file):
        mark = " (quick)" if entry["task"][0] == "quick" else ""
        rows += [Row(**row | {"representation": row["representation"] + mark}) for row in entry["rows"]]
    return rows


def tables(rows: list[Row]) -> str:
    """Return all tables in Markdown."""
    parts = [_pooled(rows), _comparison(rows)]
    for truth in dict.fromkeys(row.truth for row in rows):
        some = [row for row in rows if row.truth == truth]
        parts.append(f"#### {truth}: scores, mean ± standard deviation over {len({row.seed for row in some})} seeds\n")
        for scores in (CLASS_SCORES, PAIR_SCORES, LEVELS):
            if any(score in row.scores for row in some for score in scores if score != "n"):
                parts.append(_table(some, scores))
        kinds = sorted({key.removesuffix(" top5") for row in some for key in row.scores if key.endswith(" top5")})
        if kinds:
            parts.append(_by_kind(some, kinds))
    return "\n".join(parts)


def _table(rows: list[Row], scores: tuple[str, ...]) -> str:
    frame = pd.DataFrame([{"representation": row.representation, **row.scores} for row in rows])
    lines = [f"| representation | {' | '.join(scores)} |", "|" + " --- |" * (len(scores) + 1)]
    for name, group in frame.groupby("representation", sort=False):
        cells = [_cell(group[score]) if score in group else "" for score in scores]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(values: pd.Series) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    if values.name == "n":
        return f"{known.mean():.0f}"
    return f"{known.mean():.3f}" + (f" ± {known.std(ddof=1):.3f}" if len(known) > 1 else "")


def _by_kind(rows: list[Row], kinds: list[str]) -> str:
    """Return the pairs of each kind: their number, and who is in one cluster and near, over all seeds."""
    lines = [f"| representation | {' | '.join(kinds)} |", "|" + " --- |" * (len(kinds) + 1)]
    for name in dict.fromkeys(row.representation for row in rows):
        own = [row.scores for row in rows if row.representation == name]
        cells = []
        for kind in kinds:
            number, same, chance, top5 = (
                np.mean([scores[f"{kind} {key}"] for scores in own if f"{kind} {key}" in scores])
                for key in ("n", "same_cluster", "chance", "top5")
            )
            cells.append(f"{same:.2f} (chance {chance:.2f}), {top5:.2f}; n {number:.0f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return (
        "Pairs by kind: in one cluster, partner among the five nearest; number of pairs\n\n" + "\n".join(lines) + "\n"
    )


def _comparison(rows: list[Row]) -> str:
    """Return every trained method beside the best plain measure of each truth and score, and the change of the errors.

    The best plain measure of each line is known only afterwards; so the last line compares with the one that is the
    best over all lines.
    """
    plain = {str(one) for one in measure_names()}
    trained = [name for name in dict.fromkeys(row.representation for row in rows) if name not in plain]
    lines = [f"| truth | score | best plain | {' | '.join(trained)} |", "|" + " --- |" * (len(trained) + 3)]
    errors = []
    for truth in dict.fromkeys(row.truth for row in rows):
        for score, has_queries in COMPARED.items():
            means = _means(rows, truth, score)
            if not means:
                continue
            best = max((name for name in means if name in plain), key=lambda name: means[name])
            cells = [f"{best} {means[best]:.3f}"]
            for name in trained:
                cell = f"{means[name]:.3f}" if name in means else ""
                if has_queries and name in means:
                    _, low, high = _difference(rows, truth, score, name, best)
                    cell += f" ({low:+.3f} to {high:+.3f})"
                cells.append(cell)
            errors.append({name: 1 - value for name, value in means.items()} | {"best": 1 - means[best]})
            lines.append(f"| {truth} | {score} | {' | '.join(cells)} |")
    table = pd.DataFrame(errors)
    single = table[sorted(plain & set(table))].mean().idxmin()
    for title, against in (("the best of each line", "best"), (f"{single}, the best over all lines", single)):
        changes = [(table[name] / table[against] - 1).mean() for name in trained]
        lines.append(f"| **mean** | errors against {title} | | {' | '.join(f'{change:+.0%}' for change in changes)} |")
    return "\n".join(lines) + "\n"


def _means(rows: list[Row], truth: str, score: str) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.truth == truth and score in row.scores:
            found.setdefault(row.representation, []).append(row.scores[score])
    return {name: float(np.mean(values)) for name, values in found.items()}


def _pooled(rows: list[Row]) -> str:
    """Return the mean over the queries of several real sets, and its difference from three plain measures."""
    names = list(dict.fromkeys(row.representation for row in rows))
    lines = []
    for about, (sets, scores) in POOLED.items():
        for score in scores:
            of = {name: found for name in names if (found := _queries(rows, sets, score, name)) is not None}
            against = [name for name in AGAINST if name in of]
            if not against:
                continue
            lines += [f"**{about}: {score}** ({', '.join(sets)})\n"]
            lines += [f"| representation | mean | {' | '.join(f'less {name}' for name in against)} |"]
            lines += ["| --- " * (len(against) + 2) + "|"]
            for name, (answers, groups) in of.items():
                cells = []
                for other in against:
                    mean, low, high = paired_difference(answers, of[other][0], groups)
                    cells.append("" if other == name else f"{mean:+.3f} ({low:+.3f} to {high:+.3f})")
                lines.append(f"| {name} | {answers.mean():.3f} | {' | '.join(cells)} |")
            lines.append("")
    return "\n".join(lines)


def _queries(
    rows: list[Row], sets: tuple[str, ...], score: str, representation: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the mean answer over the seeds and the group of every query of some truths; None if one is missing."""
    answers, groups, last = [], [], 0
    for truth in sets:
        named = [row for row in rows if (row.truth, row.representation) == (truth, representation)]
        own = [row for row in named if score in row.answers]
        if not own:
            return None
        answers.append(np.mean([row.answers[score] for row in own], axis=0))
        groups.append(np.asarray(own[0].groups[score]) + last)
        last = groups[-1].max() + 1
    return np.concatenate(answers), np.concatenate(groups)


def _difference(rows: list[Row], truth: str, score: str, first: str, second: str) -> tuple[float, float, float]:
    """Return the paired difference; what is the same in every seed, as the pairs of a real set are, counts once."""
    if truth in REAL_SETS:
        one, other = (_queries(rows, (truth,), score, name) for name in (first, second))
        assert one is not None
        assert other is not None
        return paired_difference(one[0], other[0], one[1])
    by_seed = {
        name: {row.seed: row for row in rows if (row.truth, row.representation) == (truth, name)}
        for name in (first, second)
    }
    seeds = sorted(set(by_seed[first]) & set(by_seed[second]))
    ours, theirs = (np.concatenate([by_seed[name][seed].answers[score] for seed in seeds]) for name in (first, second))
    groups, last = [], 0
    for seed in seeds:
        groups.append(np.asarray(by_seed[first][seed].groups[score]) + last)
        last = groups[-1].max() + 1
    return paired_difference(ours, theirs, np.concatenate(groups))


if __name__ == "__main__":
    main()
