"""What people said about pairs of ions that two representations judge differently, counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msiss.analyse.representations import REPRESENTATIONS, title_of
from msiss.runs.decisions import Decision, Judged, Undone, active, record, recorded
from msiss.runs.store import Run
from msiss.words import count

LEVEL = 0.95  # of the interval
OTHER_WAY = {"first": "second", "second": "first"}


@dataclass(frozen=True)
class Sides:
    """How often a person sided with each of two representations.

    Attributes
    ----------
    first, second : str
        Their names; the person sided with the first at least as often.
    for_first, for_second, neither, unsure : int
        Numbers of pairs.
    """

    first: str
    second: str
    for_first: int
    for_second: int
    neither: int
    unsure: int

    @property
    def judged(self) -> int:
        """Number of pairs that a person looked at."""
        return self.for_first + self.for_second + self.neither + self.unsure

    @property
    def decided(self) -> int:
        """Number of pairs of which one representation is right."""
        return self.for_first + self.for_second

    @property
    def share(self) -> float:
        """Share of the decided pairs for which the first is right; NaN if there are none."""
        return self.for_first / self.decided if self.decided else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of `share` for a binomial distribution (Clopper and Pearson, Biometrika 1934, 26)."""
        from scipy.stats import binomtest

        if not self.decided:
            return 0.0, 1.0
        found = binomtest(self.for_first, self.decided).proportion_ci(LEVEL, method="exact")
        return float(found.low), float(found.high)


def judgements(run: Run) -> list[Judged]:
    """Return what people said about pairs of ions of a run: for each pair and two representations the last word."""
    return last_words(active(recorded(run)))


def retract(run: Run, ions: tuple[int, int], measures: tuple[str, str], *, who: str = "") -> None:
    """Take back all that was said about a pair of ions by two measures, whatever their order.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    for one in active(recorded(run)):
        if isinstance(one, Judged) and {*one.ions} == {*ions} and {*one.measures} == {*measures}:
            record(run, Undone(undone=one.line, who=who))


def last_words(decisions: Iterable[Decision]) -> list[Judged]:
    """Return the last judgement of each pair by each two representations, whose names and ions are in ascending order.

    Those by representations that this version does not know are left out.
    """
    found: dict[tuple[tuple[int, int], tuple[str, str]], Judged] = {}
    for one in decisions:
        if isinstance(one, Judged) and all(measure in REPRESENTATIONS.names for measure in one.measures):
            same = one.measures[0] <= one.measures[1]
            low, high = sorted(one.ions)
            changes = {
                "ions": (low, high),
                "measures": one.measures if same else one.measures[::-1],
                "right": one.right if same else OTHER_WAY.get(one.right, one.right),
            }
            turned = one.model_copy(update=changes)
            found[turned.ions, turned.measures] = turned
    return list(found.values())


def sides(judged: Sequence[Judged]) -> list[Sides]:
    """Count the judgements of `last_words` for each two representations, the most judged first."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    for said in judged:
        counted.setdefault(said.measures, Counter())[said.right] += 1
    found = []
    for (first, second), times in counted.items():
        swap = times["second"] > times["first"]
        one, other = ("second", "first") if swap else ("first", "second")
        names = (second, first) if swap else (first, second)
        found.append(Sides(*names, times[one], times[other], times["neither"], times["unsure"]))
    return sorted(found, key=lambda one: (-one.judged, one.first, one.second))


def about_sides(counted: Sides) -> str:
    """Return one or two sentences about the judgements of two representations."""
    first, second = title_of(counted.first), title_of(counted.second)
    rest = [(counted.neither, "with neither"), (counted.unsure, "could not tell")]
    left = ", ".join(f"{text} in {number}" for number, text in rest if number)
    text = (
        f"Of {count(counted.judged, 'pair')} that {first} and {second} judged differently, a person sided with {first} "
        f"in {counted.for_first}, with {second} in {counted.for_second}{', ' + left if left else ''}."
    )
    if not counted.decided:
        return text
    low, high = counted.interval
    share, low_share, high_share = (f"{100 * value:.0f}" for value in (counted.share, low, high))
    told = f"{text} Where one was right, it was {first} in {share}% (95% interval {low_share} to {high_share}%)"
    return f"{told}: that may be chance." if low <= 0.5 else f"{told}, so more often than by chance."
