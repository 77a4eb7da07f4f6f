"""Do phantoms predict what is measured on real sets?

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/realism.py --out FOLDER --write

scores a panel of measures without training (`benchmarks/panel.py`) on every real set with pairs or classes and on
sections of every family of phantoms, and prints the rank correlation over the panel between phantoms and real sets, and
their statistics side by side. What has been measured is kept in FOLDER, so that an interrupted run goes on; --write
puts the tables into benchmarks/RESULTS.md.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import results
import truths
from image_statistics import STATISTICS, statistics
from panel_scores import panel_answers
from real_sets import REAL_SETS

from msiss.phantom.families import FAMILIES

BLOCK = 16  # of mibi: channels of 1,024 x 1,024 pixels are added up to 64 x 64
SEEDS = (0, 1, 2, 3)  # of every member of a family
EARLIER = "earlier"

# What the phantoms shall predict, and the real sets that say it. mibi and bacillus took no part in the fit.
KINDS = {
    "top5": ("bladder", "barley", "isotopologues"),
    "apart": ("bladder", "barley", "isotopologues"),
    "10-NN": ("cerebellum", "olfactory bulb"),
}
FAMILY = {"top5": "tissue", "apart": "tissue", "10-NN": "genes"}
UNSEEN = ("mibi",)  # took no part in any fit; its images are no ion images
SCORED = tuple(dict.fromkeys(name for names in KINDS.values() for name in names)) + UNSEEN
MOLECULES = "molecules"  # kept beside the settings: the molecule of each pair
CHOSEN = 10
SPLITS = 50  # into random halves


def real_set(name: str) -> truths.Truth:
    """Return a real set, mibi with fewer pixels."""
    truth = REAL_SETS[name]()
    if name != "mibi":
        return truth
    height, width = (size // BLOCK for size in truth.images.mask.shape)
    cube = np.asarray(truth.images.images).reshape(-1, height, BLOCK, width, BLOCK).sum(axis=(2, 4))
    return replace(truth, images=replace(truth.images, images=cube, mask=truth.images.mask[::BLOCK, ::BLOCK]))


def sets() -> dict[str, Callable[[], truths.Truth]]:
    """Return all data sets by name: the real ones, and the sections of every family."""
    found: dict[str, Callable[[], truths.Truth]] = {name: partial(real_set, name) for name in REAL_SETS}
    for members in FAMILIES.values():
        for one in members:
            found |= {f"like {one.like} {seed}": partial(truths.of_family, one, seed) for seed in SEEDS}
    return found | {f"{EARLIER} {seed}": partial(truths.earlier_phantom, seed) for seed in truths.OPEN_SEEDS}


def real_statistics(folder: Path) -> pd.DataFrame:
    """Return the statistics of the real sets, one per row, measured unless they are in the folder."""
    rows = {name: _entry(folder, "statistics", name) for name in REAL_SETS}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(STATISTICS))


def _entry(folder: Path, what: str, name: str) -> dict:
    """Return what is kept in the folder of a data set, measured if it is not yet."""
    file = folder / f"{what}.jsonl"
    for line in file.read_text().splitlines() if file.exists() else []:
        entry = json.loads(line)
        if entry["set"] == name:
            return entry[what]
    truth = sets()[name]()
    if what == "statistics":
        found: dict = statistics(truth)
    else:
        found = {
            setting: {score: [round(float(value), 3) for value in values] for score, values in answers.items()}
            for setting, answers in panel_answers(truth)
        }
        if len(truth.pairs):
            found[MOLECULES] = [int(number) for number in truth.molecules]
    with file.open("a") as out:
        out.write(json.dumps({"set": name, what: found}) + "\n")
    print(f"{what} of {name}", flush=True)
    return found


def panel_of(folder: Path, names: Sequence[str]) -> pd.DataFrame:
    """Return the scores: one row per setting, a column per pair of data set and score, ."""
    columns: dict[tuple[str, str], dict[str, float]] = {}
    for name in names:
        entry = _entry(folder, "scores", name)
        for setting, answers in entry.items():
            if setting != MOLECULES:
                for score, values in answers.items():
                    columns.setdefault((name, score), {})[setting] = float(np.mean(values))
    return pd.DataFrame(columns)


def together(panel: pd.DataFrame, names: Sequence[str], score: str) -> pd.Series:
    """Return the mean over data sets of a score that has mean 0 and standard deviation 1 over the panel in each."""
    some = panel[[(name, score) for name in names]]
    return ((some - some.mean()) / some.std()).mean(axis=1)


def rank_correlation(first: pd.Series, second: pd.Series) -> float:
    """Return Spearman's rank correlation over the panel."""
    return float(first.corr(second, method="spearman"))


def reliability(entry: dict, score: str) -> float:
    """Return the rank correlation of the panel with itself, had it been asked as many queries of other molecules.

    The mean over random halves of the molecules (of the ions, where there are no pairs), stepped up to the whole by the
    formula of Spearman (1910) and Brown (1910). No phantom can be expected to correlate better than its square root.
    """
    answers = np.array([entry[setting][score] for setting in entry if setting != MOLECULES])  # (settings, queries)
    groups = np.arange(answers.shape[1]) if score == "10-NN" else np.tile(entry[MOLECULES], 2)
    every, rng = np.unique(groups), np.random.default_rng(0)
    halves = []
    for _ in range(SPLITS):
        first = np.isin(groups, rng.permutation(every)[: len(every) // 2])
        parts = [pd.Series(answers[:, part].mean(axis=1)) for part in (first, ~first)]
        halves.append(rank_correlation(*parts))
    mean = float(np.mean(halves))
    return 2 * mean / (1 + mean)


def members(family: str, *, without: str = "") -> list[str]:
    """Return the names of the sections of a family, without those like one real set."""
    if family == EARLIER:
        return [f"{EARLIER} {seed}" for seed in truths.OPEN_SEEDS]
    return [f"like {one.like} {seed}" for one in FAMILIES[family] if one.like != without for seed in SEEDS]


def correlations(folder: Path) -> str:
    """Return the rank correlations of families with real sets, in Markdown."""
    phantoms = panel_of(folder, [name for family in (EARLIER, *FAMILIES) for name in members(family)])
    real = panel_of(folder, SCORED)
    lines = [
        f"{len(real)} settings.",
        "",
        "| score | real set | earlier | tissue | genes | the phantom like it | its family without that "
        "| other real sets | reliability |",
        "|" + " --- |" * 9,
    ]
    for score, names in KINDS.items():
        for name in [*names, *[other for other in UNSEEN if (other, score) in real]]:
            truth, others = real[(name, score)], [other for other in names if other != name]
            rest = members(FAMILY[score], without=name)
            own = [section for section in members(FAMILY[score]) if section not in rest]
            cells = [
                *[rank_correlation(together(phantoms, members(one), score), truth) for one in (EARLIER, *FAMILIES)],
                rank_correlation(together(phantoms, own, score), truth) if own else float("nan"),
                rank_correlation(together(phantoms, rest, score), truth),
                rank_correlation(together(real, others, score), truth),
                reliability(_entry(folder, "scores", name), score),
            ]
            lines.append(_row(score, name, *cells))
        truth = together(real, names, score)
        whole = [rank_correlation(together(phantoms, members(family), score), truth) for family in (EARLIER, *FAMILIES)]
        left_out = [
            rank_correlation(together(phantoms, members(FAMILY[score], without=name), score), real[(name, score)])
            for name in names
        ]
        mean = f"mean {np.mean(left_out):.2f}"
        lines.append(_row(f"**{score}**", f"**all {len(names)} together**", *whole, "", mean, "", ""))
    return "\n".join(lines) + "\n"


def choices(folder: Path) -> str:
    """Return what real sets give to the ten settings that each family puts first, in Markdown."""
    real = panel_of(folder, SCORED)
    phantoms = panel_of(folder, [name for family in (EARLIER, *FAMILIES) for name in members(family)])
    lines = [
        f"| score | real set | first {CHOSEN} of earlier | first {CHOSEN} of its family without the phantom like it "
        f"| best {CHOSEN} | all of the panel | cosine |",
        "|" + " --- |" * 7,
    ]
    for score, names in KINDS.items():
        for name in names:
            truth = real[(name, score)]
            orders = [
                together(phantoms, members(EARLIER), score),
                together(phantoms, members(FAMILY[score], without=name), score),
                truth,
            ]
            means = [f"{truth[order.nlargest(CHOSEN).index].mean():.3f}" for order in orders]
            lines.append(_row(score, name, *means, f"{truth.mean():.3f}", f"{truth['image-vectors']:.3f}"))
    return "\n".join(lines) + "\n"


def likenesses(folder: Path) -> str:
    """Return the statistics of real sets, of the phantoms like them, and of the earlier ones, in Markdown."""
    real = real_statistics(folder)
    fitted = [one.like for family in FAMILIES.values() for one in family]
    columns = {}
    for name in [*fitted, *[name for name in real.index if name not in fitted]]:
        columns[name] = real.loc[name]
        if name in fitted:
            sections = [_entry(folder, "statistics", f"like {name} {seed}") for seed in SEEDS]
            columns[f"like {name}"] = pd.DataFrame(sections).mean()
    earlier = pd.DataFrame([_entry(folder, "statistics", name) for name in members(EARLIER)])
    table = pd.DataFrame(columns).reindex(list(STATISTICS))
    lines = [f"| | {' | '.join(columns)} | earlier |", "|" + " --- |" * (len(columns) + 2)]
    for name, row in table.iterrows():
        span = f"{earlier[name].min():.2f} to {earlier[name].max():.2f}"
        lines.append(_row(f"{name}: {STATISTICS[str(name)]}", *row, span))
    unit = real.std()
    near = [
        np.sqrt(np.square((table[f"like {name}"] - table[name]) / unit).mean()) if name in fitted else float("nan")
        for name in real.index
    ]
    of_earlier = [np.sqrt(np.square((earlier.mean() - real.loc[name]) / unit).mean()) for name in real.index]
    lines += ["", "| distance from the real set | " + " | ".join(real.index) + " |", "|" + " --- |" * (len(real) + 1)]
    lines += [_row("the phantom like it", *near), _row("the earlier phantoms, mean", *of_earlier)]
    return "\n".join(lines) + "\n"


def _row(*cells: object) -> str:
    texts = [("" if np.isnan(cell) else f"{cell:.2f}") if isinstance(cell, float) else str(cell) for cell in cells]
    return f"| {' | '.join(texts)} |"


def main() -> None:
    """Measure what is not yet in the folder, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(part(options.out) for part in (correlations, choices, likenesses))
    print(text)
    if options.write:
        results.write("realism", text)


if __name__ == "__main__":
    main()
