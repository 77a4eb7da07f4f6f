"""How good the representation is that msiss advises, leave-one-out over the open real sets.

    MSISS_TEST_DATA=../shared/data .venv/bin/python benchmarks/advice.py --out FOLDER --write

The target: within 0.03 of the best on at least 6 of 7 sets. For each set, what is best elsewhere is chosen from the six
others, by the mean score. Where the set has pairs of one molecule, they decide as in the app (`msiss.analyse.advice`):
those of a random half of its molecules decide and those of the other half judge, mean over 40 halves. The lineages of
mibi are no pairs that the app would find, so they judge only.

The consensus that makes the clusters is drawn: scores of clusters are means over five of them.

FOLDER/rows.jsonl keeps what has been measured, so that an interrupted run goes on; it is no file of `quality.py`.
`--methods plain msiss` has the trained method among the candidates. `--write` puts the tables into RESULTS.md.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import results
from examine import Row, examine
from quality import CONFIGS, Task, measure, rows_in
from real_sets import REAL_SETS

from msiss.analyse.advice import better, compare
from msiss.analyse.bootstrap import LEVEL, paired_difference
from msiss.runs.quality.by_data import FEWEST_PAIRS
from msiss.runs.quality.evidence import PRIORS, Answer

NEAR_ENOUGH, OF_SETS = 0.03, 6
HALVES = 40
CONSENSUSES = 5
# The score of each set, for similar ions and for clusters.
SCORES: dict[Answer, dict[str, str]] = {
    "neighbours": {
        "bladder": "top5",
        "barley": "top5",
        "isotopologues": "top5",
        "bacillus": "R-precision",
        "mibi": "top5",
        "cerebellum": "10-NN",
        "olfactory bulb": "10-NN",
    },
    "clusters": {
        "bladder": "together",
        "barley": "together",
        "isotopologues": "together",
        "bacillus": "family together",
        "mibi": "together",
        "cerebellum": "AMI",
        "olfactory bulb": "AMI",
    },
}
OWN_PAIRS = ("bladder", "barley", "isotopologues")

Answers = Mapping[str, np.ndarray]
Rule = Callable[[Answers, str, np.ndarray], str]


@dataclass(frozen=True, eq=False)
class Known:
    """What is known about one set: the score of each representation, and where it has pairs, every query.

    Attributes
    ----------
    scores : dict of str to float
    answers : dict of str to ndarray of shape (Q,)
        Empty for a set without pairs of its own.
    groups : ndarray of shape (Q,), int
        Molecule of each query.
    """

    scores: dict[str, float]
    answers: dict[str, np.ndarray]
    groups: np.ndarray


@dataclass(frozen=True)
class Advised:
    """What was advised on one set: how often each representation, its score, and that of the best.

    `by_all` is what all pairs of the set advise, as in the app.
    """

    prior: str
    best: str
    best_score: float
    times: dict[str, int]
    score: float
    by_all: str

    @property
    def lost(self) -> float:
        """How far the advised representation is below the best."""
        return self.best_score - self.score


def main() -> None:
    """Measure what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", choices=list(CONFIGS), default=["plain"])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / "rows.jsonl"
    todo = [(method, name, 0, False) for method in options.methods for name in REAL_SETS]
    measure(file, todo, options.jobs, _examine)
    text = tables(rows_in(file))
    print(text)
    if options.write:
        results.write("advice", text)


def _examine(task: Task) -> dict:
    method, name, seed, _ = task
    start = time.monotonic()
    truth = replace(REAL_SETS[name](), thinned=False)
    rows = [asdict(row) for row in examine(truth, seed, CONFIGS[method], consensuses=CONSENSUSES, apart=False)]
    return {"task": task, "seconds": time.monotonic() - start, "rows": rows}


def tables(rows: list[Row]) -> str:
    """Return all tables in Markdown."""
    known = {answer: {name: _known(rows, name, score) for name, score in of.items()} for answer, of in SCORES.items()}
    parts = [_table(answer, leave_one_out(sets, RULES[MSISS])) for answer, sets in known.items()]
    return "\n".join([*parts, _rules_table(known), _means_table(known)])


def _known(rows: list[Row], name: str, score: str) -> Known:
    own = {row.representation: row for row in rows if row.truth == name and row.seed == 0 and score in row.scores}
    scores = {one: row.scores[score] for one, row in own.items()}
    if name not in OWN_PAIRS:
        return Known(scores, {}, np.zeros(0, int))
    answers = {one: np.array(row.answers[score]) for one, row in own.items()}
    return Known(scores, answers, np.array(next(iter(own.values())).groups[score]))


def leave_one_out(sets: dict[str, Known], rule: Rule) -> dict[str, Advised]:
    """Return what is advised on each set by the others and by its own pairs."""
    return {name: _advised(one, best_elsewhere(sets, without=name), rule) for name, one in sets.items()}


def best_elsewhere(sets: dict[str, Known], *, without: str = "") -> str:
    """Return the representation with the best mean score over the sets, each with the same weight."""
    means = mean_scores({name: one for name, one in sets.items() if name != without})
    return max(means, key=lambda name: means[name])


def mean_scores(sets: dict[str, Known]) -> dict[str, float]:
    """Return the mean score over the sets of each representation that all of them have."""
    names = [name for name in next(iter(sets.values())).scores if all(name in one.scores for one in sets.values())]
    return {name: float(np.mean([one.scores[name] for one in sets.values()])) for name in names}


def _advised(known: Known, prior: str, rule: Rule) -> Advised:
    best = max(known.scores, key=lambda name: known.scores[name])
    if not known.answers:
        return Advised(prior, best, known.scores[best], {prior: 1}, known.scores[prior], prior)
    rng, molecules = np.random.default_rng(0), np.unique(known.groups)
    times: dict[str, int] = {}
    scores, best_scores = [], []
    for _ in range(HALVES):
        deciding = np.isin(known.groups, rng.permutation(molecules)[: len(molecules) // 2])
        advised = _decided(known, deciding, prior, rule)
        times[advised] = times.get(advised, 0) + 1
        scores.append(known.answers[advised][~deciding].mean())
        best_scores.append(known.answers[best][~deciding].mean())
    by_all = _decided(known, np.ones(len(known.groups), bool), prior, rule)
    return Advised(prior, best, float(np.mean(best_scores)), times, float(np.mean(scores)), by_all)


def _decided(known: Known, queries: np.ndarray, prior: str, rule: Rule) -> str:
    """Return what some of the queries decide; what is best elsewhere, if they are of too few molecules."""
    groups = known.groups[queries]
    if len(np.unique(groups)) < FEWEST_PAIRS:  # there are no fewer pairs than molecules
        return prior
    return rule({name: answers[queries] for name, answers in known.answers.items()}, prior, groups)


def _as_msiss(answers: Answers, prior: str, groups: np.ndarray) -> str:
    return better(compare(answers, prior, groups)) or prior


def _not_widened(level: float) -> Rule:
    def rule(answers: Answers, prior: str, groups: np.ndarray) -> str:
        lead = {name: paired_difference(of, answers[prior], groups, level=level) for name, of in answers.items()}
        sure = [name for name, (_, low, _) in lead.items() if low > 0]
        return max(sure, key=lambda name: lead[name][0]) if sure else prior

    return rule


def _own_best(answers: Answers, prior: str, _groups: np.ndarray) -> str:
    return max(answers, key=lambda name: (answers[name].mean(), name == prior))


MSISS = "the best elsewhere, unless another is better with the widened interval (msiss)"
RULES: dict[str, Rule] = {
    MSISS: _as_msiss,
    "the best elsewhere, always": lambda _answers, prior, _groups: prior,
    "the same with an interval of 95 % that is not widened": _not_widened(LEVEL),
    "the same with an interval of 90 %": _not_widened(0.9),
    "the best by the own pairs, always": _own_best,
}


def _table(answer: Answer, advised: dict[str, Advised]) -> str:
    title = {"neighbours": "To find similar ions", "clusters": "To group ions"}[answer]
    lines = [f"**{title}**\n", "| set | score | best | | best elsewhere | advised | | difference | by all pairs |"]
    lines.append("| --- " * 9 + "|")
    for name, one in advised.items():
        cells = [name, SCORES[answer][name], one.best, f"{one.best_score:.3f}", one.prior]
        cells += [_times(one.times), f"{one.score:.3f}", f"{one.lost:.3f}", one.by_all]
        lines.append(f"| {' | '.join(cells)} |")
    near = _number_near(advised)
    verdict = "holds" if near >= OF_SETS else "does not hold"
    lines.append(f"\nWithin {NEAR_ENOUGH} of the best on {near} of {len(advised)} sets: the target {verdict}.\n")
    return "\n".join(lines)


def _times(times: dict[str, int]) -> str:
    number = sum(times.values())
    often = sorted(times.items(), key=lambda one: -one[1])
    return often[0][0] if len(often) == 1 else ", ".join(f"{name} {count / number:.0%}" for name, count in often)


def _number_near(advised: dict[str, Advised]) -> int:
    return sum(one.lost <= NEAR_ENOUGH for one in advised.values())


def _rules_table(known: dict[Answer, dict[str, Known]]) -> str:
    lines = [f"The rules that were looked at: sets within {NEAR_ENOUGH} of the best, and the mean difference\n"]
    lines += ["| rule | similar ions | clusters |", "| --- | --- | --- |"]
    for title, rule in RULES.items():
        cells = []
        for sets in known.values():
            advised = leave_one_out(sets, rule)
            cells.append(f"{_number_near(advised)}; {np.mean([one.lost for one in advised.values()]):.3f}")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _means_table(known: dict[Answer, dict[str, Known]]) -> str:
    means = {answer: mean_scores(sets) for answer, sets in known.items()}
    lines = ["The mean score over all sets, and on how many sets it is near enough to the best\n"]
    lines += ["| representation | similar ions | clusters |", "| --- | --- | --- |"]
    for name in means["neighbours"]:
        cells = []
        for answer, sets in known.items():
            near = sum(max(one.scores.values()) - one.scores[name] <= NEAR_ENOUGH for one in sets.values())
            cells.append(f"{means[answer][name]:.3f}; {near}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    best = {answer: best_elsewhere(sets) for answer, sets in known.items()}
    same = "as" if all(best[answer] in PRIORS[answer] for answer in best) else "not as"
    lines.append(f"\nBest: {best['neighbours']} and {best['clusters']}, {same} in msiss/runs/quality/evidence.py.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
