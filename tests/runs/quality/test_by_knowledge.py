import pytest

from msiss.analyse.representations import measure_names
from msiss.learn.methods import METHODS
from msiss.runs.quality.by_knowledge import judge_by_knowledge

SHOWN = (*METHODS["paper"].config.trained, *measure_names())
NOTHING = {"purity": None, "ari": None, "ami": None, "knn10": None, "pairs": {}}


def scores(**by_name):
    rows = {one: NOTHING | by_name.get(one.replace("-", "_"), {}) for one in SHOWN}
    return {"representations": rows, "default": "self-labelled", "evidence": None}


def ari(**values):
    return scores(**{one.replace("-", "_"): {"ari": values.get(one.replace("-", "_"), 0.1)} for one in SHOWN})


def pairs(number, **values):
    rows = {
        one.replace("-", "_"): {"pairs": {"all": {"n": number, "top5": values.get(one.replace("-", "_"), 0.1)}}}
        for one in SHOWN
    }
    return scores(**rows)


def test_without_scores_nothing_is_said():
    assert judge_by_knowledge(scores()) == []


def test_a_better_network_is_praised_against_the_best_plain_measure():
    (sentence,) = judge_by_knowledge(ari(self_labelled=0.8, metaspace=0.5, image_vectors=0.4))
    assert "CNN after self-labelling is best with 0.80, against 0.50 for METASPACE-style" in sentence
    assert sentence.endswith("the training was worthwhile.")


def test_better_plain_pixels_are_admitted():
    (sentence,) = judge_by_knowledge(ari(self_labelled=0.3, image_vectors=0.6))
    assert "Image vectors (plain pixels) is best with 0.60; CNN after self-labelling" in sentence
    assert sentence.endswith("trust it first.")


def test_a_training_that_got_worse_is_admitted():
    (sentence,) = judge_by_knowledge(ari(self_labelled=0.3, contrastive=0.6))
    assert sentence.endswith("made the result worse.")


@pytest.mark.parametrize(("trained", "plain"), [(0.60, 0.615), (0.615, 0.60), (0.60, 0.60)])
def test_hardly_any_difference_is_called_so(trained, plain):
    (sentence,) = judge_by_knowledge(ari(self_labelled=trained, image_vectors=plain))
    assert sentence.endswith("too small to be meaningful.")


@pytest.mark.parametrize(("trained", "plain"), [(0.60, 0.625), (0.625, 0.60)])
def test_a_difference_of_more_than_two_hundredths_counts(trained, plain):
    (sentence,) = judge_by_knowledge(ari(self_labelled=trained, image_vectors=plain))
    assert sentence.endswith("the training was worthwhile." if trained > plain else "trust it first.")


@pytest.mark.parametrize("equal", ["contrastive", "image_vectors"])
def test_at_a_tie_the_result_of_the_training_is_called_the_best(equal):
    for sentence in (
        *judge_by_knowledge(ari(self_labelled=0.6, **{equal: 0.6})),
        *judge_by_knowledge(pairs(9, self_labelled=0.6, **{equal: 0.6})),
    ):
        assert "CNN after self-labelling is best with 0.60, against" in sentence


@pytest.mark.parametrize(("number", "sure"), [(20, False), (2000, True)])
def test_a_difference_on_few_pairs_may_be_chance(number, sure):
    # Standard error of 0.5 - 0.4 with 20 pairs: sqrt((0.25 + 0.24) / 20) = 0.16; with 2000: 0.016.
    (sentence,) = judge_by_knowledge(pairs(number, self_labelled=0.5, image_vectors=0.4))
    assert sentence.endswith("the training was worthwhile." if sure else "may be due to chance.")
