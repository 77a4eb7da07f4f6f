"""Figures that compare representations: a row each, and only what is known."""

import json

import plotly.graph_objects as go
import pytest

from msiss.analyse.representations import REPRESENTATIONS, measure_names, title_of
from msiss.show import score_figures

NAMES = [one.title for one in REPRESENTATIONS]
TITLES = {"purity": "Purity", "ari": "ARI", "ami": "AMI", "knn10": "10-NN purity"}
MEASURES = [title_of(name) for name in measure_names()]
SCORES = {
    name: {"purity": 0.5 + 0.01 * place, "ari": 0.3, "ami": 0.4, "knn10": 0.6, "knn": [0.9, 0.8, 0.7], "pairs": {}}
    for place, name in enumerate(NAMES)
}


def points(figure: go.Figure) -> dict[str, dict[str, float]]:
    return {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}


def test_scores_leave_out_what_is_not_known() -> None:
    scores = {name: dict(row) for name, row in SCORES.items()}
    scores["CNN after contrastive learning"]["ami"] = None
    found = points(score_figures.scores_figure(scores, TITLES))
    assert list(found) == ["Purity", "ARI", "AMI", "10-NN purity"]
    titles = NAMES
    assert list(found["ARI"]) == titles
    assert "CNN after contrastive learning" not in found["AMI"]
    assert len(found["AMI"]) == len(titles) - 1
    assert found["Purity"]["Correlation of pixels"] == pytest.approx(0.52)
    nothing = dict.fromkeys(SCORES["Correlation of pixels"])
    assert not score_figures.scores_figure(dict.fromkeys(NAMES, nothing), TITLES).data


def test_the_first_representation_stands_on_top() -> None:
    figure = score_figures.scores_figure(SCORES, TITLES)
    assert figure.layout.yaxis.categoryarray[-1] == NAMES[0]
    assert figure.layout.yaxis.title.text == "Representation"
    assert figure.layout.height > 30 * len(NAMES)  # room for a row each


def test_three_lines_of_a_legend_do_not_lie_over_the_rows() -> None:
    for figure in (score_figures.scores_figure(SCORES, TITLES), score_figures.neighbours_figure(SCORES, dashed=[])):
        legend = figure.layout.legend
        assert (legend.yref, legend.yanchor, legend.y) == ("container", "top", 1)
        assert figure.layout.margin.t == 70


def test_pairs_beside_chance_with_their_number() -> None:
    pairs = {"all": {"n": 25, "same_cluster": 0.8, "chance": 0.15, "top5": 0.6, "mrr": 0.5}}
    title = "METASPACE-style filtered pixels"
    figure = score_figures.pairs_figure({title: {"pairs": pairs}, "CNN": {"pairs": {}}})
    assert points(figure) == {
        "Same cluster": {title: 0.8},
        "Same cluster by chance": {title: 0.15},
        "Partner among 5 nearest": {title: 0.6},
        "Mean of 1 / partner's rank": {title: 0.5},
    }
    assert figure.layout.xaxis.title.text == "Share of 25 pairs (1 is best)"


def test_evidence_without_halves_of_what_was_trained() -> None:
    known = {"halves": 0.7, "agreement": 0.6, "stability": 0.5, "top5": 0.4, "above_chance": -0.1}
    figure = score_figures.evidence_figure(
        {"msiss": known | {"halves": None, "agreement": None}, "Bands (coarse to fine structures)": known}
    )
    found = points(figure)
    assert list(found["Found again in half the pixels"]) == ["Bands (coarse to fine structures)"]
    assert set(found["Isotopes and adducts together"].values()) == {-0.1}
    assert len({trace.marker.symbol for trace in figure.data}) == 5


def test_the_purity_of_neighbours_over_their_number() -> None:
    figure = score_figures.neighbours_figure(
        SCORES | {"msiss (trained)": SCORES["msiss (trained)"] | {"knn": []}}, dashed=MEASURES
    )
    assert len(figure.data) == len(NAMES) - 1
    lines = {trace.name: trace for trace in figure.data}
    assert list(lines["CNN after self-labelling"].x) == [1, 2, 3]
    assert list(lines["CNN after self-labelling"].y) == [0.9, 0.8, 0.7]
    assert lines["CNN after self-labelling"].line.dash == "solid"
    assert lines["Rank correlation of pixels"].line.dash == "dash"


@pytest.mark.parametrize(
    "figure",
    [score_figures.scores_figure(SCORES, TITLES), score_figures.neighbours_figure(SCORES, dashed=MEASURES)],
    ids=["dots", "lines"],
)
def test_figures_take_the_colours_of_the_page(figure: go.Figure) -> None:
    assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    json.loads(figure.to_json())
