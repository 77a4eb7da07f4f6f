"""Fit the settings of a phantom to the statistics of one real set, by a small random search.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/realism_fit.py --out FOLDER --like barley

draws settings at random, then breeds: each child takes every setting from one of the six best so far, from another of
them, or anew, and some of its numbers change by a quarter. How near a phantom is to the set is the root mean square of
the differences of their statistics (`benchmarks/image_statistics.py`), each divided by its standard deviation over all
real sets. No measure takes part in it. The best five are simulated again with other seeds, and that with the least mean
distance is printed as it is written in `msiss/phantom/families.py`. What has been drawn is kept in FOLDER.
"""

import argparse
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from image_statistics import statistics
from realism import real_statistics
from truths import of_family

from msiss.errors import DataError
from msiss.phantom.families import Likeness
from msiss.phantom.regime import Regime

FIRST, PARENTS, FINALISTS, AGAIN = 200, 6, 5, 3
FROM_FIRST, FROM_SECOND, CHANGED, CHANGE = 0.55, 0.25, 0.3, 0.25
FARTHEST = 3.0  # standard deviations: one statistic out of reach shall not outvote all others

SHARES = ("mix", "background", "overlap")  # at most 1
FEWEST = 20  # ions with any counts, for statistics to mean something

SHAPES = ((24, 24), (28, 36), (40, 56), (56, 72))
IONS = (80, 150, 250)

Settings = dict[str, Any]


def draw(rng: np.random.Generator) -> Settings:
    """Return settings at random, the fields of `Regime` and `Likeness`; many of the effects are absent from many."""

    def log(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    def sometimes(probability: float, low: float, high: float) -> float:
        return float(rng.uniform(low, high)) if rng.random() < probability else 0.0

    return {
        "counts": log(0.02, 100),
        "abundance": float(rng.uniform(0.2, 1.1)),
        "mix": float(rng.uniform(0, 0.6)),
        "contrast": float(rng.uniform(0.05, 0.6)),
        "background": float(rng.uniform(0, 1)),
        "field": float(rng.uniform(0, 0.6)),
        "line": sometimes(0.5, 0, 0.4),
        "pixel": float(rng.uniform(0, 0.6)),
        "hot_spots": sometimes(0.5, 0, 0.01),
        "missing": 0.0,
        "classes": int(rng.choice([6, 8, 10, 13])),
        "scale": log(0.03, 0.25),
        "sharpness": log(0.7, 8),
        "whole": bool(rng.random() < 0.5),
        "overlap": float(rng.uniform(0, 0.7)),
        "gradient": sometimes(0.7, 0, 0.8),
        "cells": float(rng.uniform(0, 1.5)),
        "molecule": sometimes(0.8, 0, 0.7),
        "grain": sometimes(0.6, 0.3, 1.2),
        "spectrum": sometimes(0.8, 0, 0.8),
        "drift": sometimes(0.4, -1, 1),
        "edge": sometimes(0.4, -1, 1),
        "suppression": sometimes(0.4, 0, 0.8),
        "noise": sometimes(0.8, 0, 1),
        "threshold": float(rng.choice([0, 0, 0, 2, 4, 8])),
        "shape": SHAPES[rng.integers(len(SHAPES))],
        "ions": int(rng.choice(IONS)),
    }


def breed(parents: list[Settings], rng: np.random.Generator) -> Settings:
    """Return a child of two of the parents and of chance."""
    first, second = (parents[number] for number in rng.integers(len(parents), size=2))
    new = draw(rng)
    child = {}
    for name in new:
        place = rng.random()
        source = first if place < FROM_FIRST else second if place < FROM_FIRST + FROM_SECOND else new
        value = source[name]
        if isinstance(value, float) and name != "threshold" and rng.random() < CHANGED:
            value *= float(np.exp(rng.normal(0, CHANGE)))
        child[name] = min(value, 1.0) if name in SHARES else value
    return child


def likeness(settings: Settings, like: str) -> Likeness:
    """Return the settings, with three digits each, as a member of a family."""
    digits: Settings = {}
    for name, value in settings.items():
        digits[name] = float(f"{value:.3g}") if isinstance(value, float) else value
    (height, width), ions = digits.pop("shape"), digits.pop("ions")
    return Likeness(like, Regime(anatomy="nested", **digits), (height, width), ions)


def distance(found: dict[str, float], target: pd.Series, unit: pd.Series) -> float:
    """Return the root mean square of the differences in units, over the statistics that the target has."""
    differences = (pd.Series(found).reindex(target.index) - target) / unit
    known = differences[target.notna()].clip(-FARTHEST, FARTHEST).fillna(FARTHEST)
    return float(np.sqrt(np.square(known).mean()))


def main() -> None:
    """Search and print."""
    warnings.filterwarnings("ignore")  # a section without any signal has statistics that are not defined
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--like", required=True, help="name of the real set")
    parser.add_argument("--children", type=int, default=120)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    real = real_statistics(options.out)
    target, unit = real.loc[options.like], real.std()

    def examine(settings: Settings, seed: int) -> dict[str, float]:
        try:
            truth = of_family(likeness(settings, options.like), seed)
        except DataError:  # no ion has any counts
            return {}
        return statistics(truth) if len(truth.images) >= FEWEST else {}

    first = list(_drawn(options.out / "fit first.jsonl", FIRST, [0], lambda _, rng: draw(rng), examine))
    tried = [(distance(found, target, unit), settings) for settings, found in first]
    number = list(real.index).index(options.like)

    def child(found: list[tuple[Settings, dict[str, float]]], rng: np.random.Generator) -> Settings:
        every = tried + [(distance(statistic, target, unit), settings) for settings, statistic in found]
        best = sorted(every, key=lambda one: one[0])[:PARENTS]
        return breed([settings for _, settings in best], rng)

    file = options.out / f"fit {options.like}.jsonl"
    bred = _drawn(file, options.children, [1, number], child, examine)
    tried += [(distance(found, target, unit), settings) for settings, found in bred]
    finalists = [settings for _, settings in sorted(tried, key=lambda one: one[0])[:FINALISTS]]
    means = [
        np.mean([distance(examine(settings, seed), target, unit) for seed in range(AGAIN)]) for settings in finalists
    ]
    best = likeness(finalists[int(np.argmin(means))], options.like)
    print(
        f"# distance {min(means):.2f} over {AGAIN} seeds, of {len(tried)} settings tried\n{written(best)},", flush=True
    )


def written(one: Likeness) -> str:
    """Return the member as Python code, without the settings that have their default."""
    default = Regime()
    changed = {f.name: getattr(one.regime, f.name) for f in fields(Regime)}
    kept = ", ".join(f"{name}={value!r}" for name, value in changed.items() if value != getattr(default, name))
    return f"Likeness({one.like!r}, Regime({kept}), {one.shape}, {one.ions})"


def _drawn(
    file: Path,
    number: int,
    seed: list[int],
    propose: Callable[[list[tuple[Settings, dict[str, float]]], np.random.Generator], Settings],
    examine: Callable[[Settings, int], dict[str, float]],
) -> Iterator[tuple[Settings, dict[str, float]]]:
    """Return `number` settings and their statistics, those in the file first."""
    lines = file.read_text().splitlines() if file.exists() else []
    found = [(entry["settings"], entry["statistics"]) for entry in map(json.loads, lines)]
    for turn in range(len(found), number):
        settings = propose(found, np.random.default_rng([*seed, turn]))
        found.append((settings, examine(settings, 1000 + turn)))
        with file.open("a") as out:
            out.write(json.dumps({"settings": settings, "statistics": found[-1][1]}) + "\n")
    yield from found


if __name__ == "__main__":
    main()
