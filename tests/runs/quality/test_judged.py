"""What people said about pairs of ions, counted."""

import pytest
from scipy.stats import binom

from msiss.analyse.representations import BANDS, IMAGE_VECTORS, JOINT
from msiss.runs.decisions import Judged, Undone, record, recorded
from msiss.runs.quality.judged import Sides, about_sides, judgements, last_words, retract, sides
from msiss.runs.store import Run


def judged(ions: tuple[int, int], right: str, measures: tuple[str, str] = (JOINT, IMAGE_VECTORS)) -> Judged:
    return Judged(ions=ions, measures=measures, right=right)


def test_the_last_word_about_a_pair_counts() -> None:
    said = [
        judged((3, 1), "first"),
        judged((1, 3), "second"),
        judged((1, 3), "first", (IMAGE_VECTORS, JOINT)),  # the same two measures and ions: image vectors are right
        judged((1, 3), "neither", (JOINT, BANDS)),  # other measures
        judged((1, 4), "first"),
        judged((1, 5), "first", ("image-vectors", "of a later version")),
    ]
    found = last_words(said)
    assert [(one.ions, one.measures, one.right) for one in found] == [
        ((1, 3), (IMAGE_VECTORS, JOINT), "first"),
        ((1, 3), (BANDS, JOINT), "neither"),
        ((1, 4), (IMAGE_VECTORS, JOINT), "second"),
    ]


def test_counts_of_each_two_measures_the_favoured_first() -> None:
    said = [judged((0, ion), "second") for ion in range(1, 6)]
    said += [judged((1, 2), "first"), judged((1, 3), "neither"), judged((1, 4), "unsure"), judged((1, 5), "unsure")]
    said += [judged((0, 1), "first", (BANDS, JOINT))]
    many, few = sides(last_words(said))
    assert many == Sides(IMAGE_VECTORS, JOINT, for_first=5, for_second=1, neither=1, unsure=2)
    assert (many.judged, many.decided) == (9, 6)
    assert (few.first, few.for_first, few.for_second) == (BANDS, 1, 0)


@pytest.mark.parametrize(("right", "wrong"), [(5, 1), (17, 3), (3, 3), (4, 0)])
def test_the_interval_is_exact(right: int, wrong: int) -> None:
    counted = Sides(JOINT, BANDS, right, wrong, 0, 0)
    low, high = counted.interval
    number = right + wrong
    assert binom.sf(right - 1, number, low) == pytest.approx(0.025)
    if wrong:
        assert binom.cdf(right, number, high) == pytest.approx(0.025)
    else:
        assert high == 1


def test_said_in_words() -> None:
    text = about_sides(Sides(JOINT, IMAGE_VECTORS, 17, 3, 2, 1))
    assert text == (
        "Of 23 pairs that Joint measure (four together) and Image vectors (plain pixels) judged differently, a person "
        "sided with Joint measure (four together) in 17, with Image vectors (plain pixels) in 3, with neither in 2, "
        "could not tell in 1. Where one was right, it was Joint measure (four together) in 85% (95% interval 62 to "
        "97%), so more often than by chance."
    )
    assert about_sides(Sides(JOINT, BANDS, 3, 1, 0, 0)).endswith("in 75% (95% interval 19 to 99%): that may be chance.")
    assert about_sides(Sides(JOINT, BANDS, 0, 0, 1, 0)).endswith("in 0, with neither in 1.")
    assert sides([]) == []


def test_an_answer_is_taken_back_with_those_before_it(finished_run: Run) -> None:
    said = [judged((0, 1), "first"), judged((1, 0), "second", (IMAGE_VECTORS, JOINT)), judged((0, 2), "first")]
    for decision in [*said, judged((0, 1), "unsure", (JOINT, BANDS))]:
        record(finished_run, decision)
    retract(finished_run, (0, 1), (JOINT, IMAGE_VECTORS), who="A")
    assert [(one.ions, one.right) for one in judgements(finished_run)] == [((0, 2), "second"), ((0, 1), "unsure")]
    assert [one.who for one in recorded(finished_run)] == ["", "", "", "", "A", "A"]


def test_what_was_undone_does_not_count(finished_run: Run) -> None:
    first, second = judged((0, 1), "first"), judged((0, 2), "first")
    for decision in (first, second, Undone(undone=first.line)):
        record(finished_run, decision)
    assert [one.ions for one in judgements(finished_run)] == [(0, 2)]
