"""Computation of the evidence: scores of each representation that need no labels.

Split halves
    Each ion image is split into the even and the odd pixels of a checkerboard. A representation of the pattern rather
    than the noise recognises the other half of an ion, and gives the same clusters for both halves.
Pairs
    Isotopes and adducts of one molecule, found by their mass differences, should be near each other; *apart*, in the
    other half of the pixels, too, which does not reward noise that two ions share pixel by pixel.
    An ion whose image is an exact copy of another's is not asked about: every measure finds the other one.
Stability
    Meaningful clusters change little if a fifth of the ions is left out.

Representations that are fitted to the images are fitted to the even halves alone. Fitted to whole images they would
contain the noise of both halves: whitened pixels then recognise every half of pure noise (benchmarks/evidence.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from msiss.analyse import measures
from msiss.analyse.advice import compare
from msiss.analyse.bootstrap import paired_difference
from msiss.analyse.choose_k import agreement
from msiss.analyse.context import contextual_vectors
from msiss.analyse.copies import count_near_copies
from msiss.analyse.halves import across, half_ranks, half_scores, halves, partner_ranks_apart
from msiss.analyse.metrics import NEAR, pair_scores_by_kind, partner_ranks
from msiss.analyse.representations import CORRELATION, REPRESENTATIONS, is_measure
from msiss.analyse.similarity import compact
from msiss.analyse.sketch import mapped
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean, prepare
from msiss.errors import SettingError
from msiss.learn import estimate
from msiss.learn.config import RunConfig
from msiss.learn.events import Step
from msiss.runs.quality.asked import Asked, asked_of
from msiss.runs.quality.evidence import (
    Advice,
    Answer,
    ApartScores,
    Difference,
    Evidence,
    RepresentationEvidence,
    prior,
)
from msiss.runs.store import Run

MOST_IONS = 1000  # split into halves; more take longer and give nearly the same scores
MOST_PIXELS = 100_000_000  # total of the images that are split
ENCODED = 256  # images at a time by a trained encoder, which uses several threads itself

Report = Callable[[Step], object]


def compute_evidence(
    run: Run,
    dataset: IonImages,
    features: dict[str, np.ndarray],
    clusters: dict[str, np.ndarray],
    report: Report,
) -> Evidence:
    """Return the scores of each representation of a run that need no labels.

    Parameters
    ----------
    run : Run
    dataset : IonImages
        Data set of the run, N ions.
    features : dict of str to ndarray of shape (N, D)
        Features by representation.
    clusters : dict of str to ndarray of shape (N,)
        Clusters by representation.
    report : callable
        Called with every step; it may raise to stop the computation.
    """
    config, asked = run.config, asked_of(dataset)
    chosen = _choose(len(asked.ions), dataset, config)
    even, odd = split(dataset, asked.ions[chosen], config.prepare)
    spent = estimate.parts(config, len(dataset))
    start, skipped = spent.retraining / (spent.retraining + spent.check), 0.0

    def report_retraining(step: Step) -> None:
        nonlocal skipped
        skipped = step.skipped * start
        report(Step(step.fraction * start, skipped))

    enough = len(chosen) > config.clusters  # ions, without copies, for a training
    encoded = _retrain(run, even, odd, report_retraining) if config.check and enough else None
    cleaned = clean_halves(even, odd, config.prepare)
    rows, answers = {}, {}
    for done, name in enumerate(features, start=1):
        both = encoded if name == config.result else None
        if is_measure(name):
            both = plain_halves(name, cleaned, dataset.mask)
        halves_seen = None if both is None else SeenHalves(*both, REPRESENTATIONS[name].context)
        of_asked = features[name][asked.ions], clusters[name][asked.ions]
        rows[name], answers[name] = _examine(*of_asked, chosen, halves_seen, asked, config)
        report(Step(start + (1 - start) * done / len(features), skipped))
    correlation = features.get(CORRELATION)
    return {
        "ions": len(chosen),
        "copies": asked.copies,
        "empty": asked.empty,
        "near_copies": None if correlation is None else count_near_copies(correlation[asked.ions]),
        "pairs": asked.numbers(),
        "tolerance": asked.tolerance,
        "molecules": len(np.unique(asked.molecules[asked.pairs])),
        "representations": rows,
        "differences": _differences(answers, chosen, asked, config.result),
        "advice": _advice(answers, asked),
        "result": config.result,
    }


def split(dataset: IonImages, chosen: np.ndarray, config: PrepareConfig) -> tuple[IonImages, IonImages]:
    """Return the even and the odd halves of the chosen ions, normalised but not cleaned otherwise.

    The normalisation is done before the split, as it needs all ions and does not combine pixels. Later steps combine
    pixels or depend on the whole image, so they are applied to each half separately.
    """
    subset = dataset.subset(chosen)
    if config.normalisation != "none":
        alone = config.model_copy(update={"hotspot_quantile": 1.0, "median_filter": False, "transform": "none"})
        subset = replace(subset, images=clean(dataset, alone)[chosen])
    even, odd = halves(subset.images, dataset.mask)
    return replace(subset, images=even), replace(subset, images=odd)


def _choose(number: int, dataset: IonImages, config: RunConfig) -> np.ndarray:
    """Return a random sample of the `number` of ions that are asked about, if possible more than there are clusters."""
    most = max(min(MOST_IONS, MOST_PIXELS // dataset.mask.size), 4 * config.clusters)
    drawn = np.random.default_rng(config.seed).permutation(number)[:most]
    return np.sort(drawn)


def clean_halves(even: IonImages, odd: IonImages, config: PrepareConfig) -> np.ndarray:
    """Return the halves of `split`, each cleaned separately, shape (2 n, H, W), the even ones first."""
    after = _after_normalisation(config)
    return np.concatenate([clean(even, after), clean(odd, after)])


def plain_halves(measure: str, cleaned: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors of `clean_halves` by a measure without training, fitted to the even ones, two of (n, D).

    Without context, see `SeenHalves`.
    """
    number = len(cleaned) // 2
    together = compact(mapped(measures.fit(measure, cleaned[:number], mask), cleaned, measures.BLOCK))
    return together[:number], together[number:]


def _retrain(run: Run, even: IonImages, odd: IonImages, report: Report) -> tuple[np.ndarray, np.ndarray]:
    """Train on the even halves and return the vectors of both halves; resumes from checkpoints."""
    from msiss.learn.pipeline import Learned, learn  # torch takes a second

    after = _after_normalisation(run.config.prepare)
    known, unknown = prepare(even, after), prepare(odd, after)
    checkpoints = run.path / "checkpoints"
    checkpoints.mkdir(exist_ok=True)
    learned = None
    for event in learn(known, run.config, checkpoints=checkpoints / "check"):
        if isinstance(event, Learned):
            learned = event
        elif isinstance(event, Step):
            report(event)
    assert learned is not None
    both = replace(
        known,
        images=np.concatenate([known.images, unknown.images]),
        cleaned=np.concatenate([known.cleaned, unknown.cleaned]),
    )
    together = compact(mapped(learned.encode, both, ENCODED, threads=1))  # once, as each score multiplies them
    return together[: len(known)], together[len(known) :]


def _after_normalisation(config: PrepareConfig) -> PrepareConfig:
    return config.model_copy(update={"normalisation": "none"})


@dataclass(frozen=True, eq=False)
class SeenHalves:
    """Two halves of the pixels as a representation sees them.

    Attributes
    ----------
    even, odd : ndarray of shape (n, D)
        Their vectors without context.
    context : float or None
        That of the representation.
    """

    even: np.ndarray
    odd: np.ndarray
    context: float | None

    @property
    def vectors(self) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of each half by itself, in the context of the ions of the same half, two ndarrays (n, D)."""
        return contextual_vectors(self.even, self.context), contextual_vectors(self.odd, self.context)

    @cached_property
    def similarity(self) -> np.ndarray:
        """Similarity of the even halves (rows) to the odd halves (columns), (n, n)."""
        return across(self.even, self.odd, self.context)


def _examine(
    features: np.ndarray,
    clusters: np.ndarray,
    chosen: np.ndarray,
    seen: SeenHalves | None,
    asked: Asked,
    config: RunConfig,
) -> tuple[RepresentationEvidence, dict[str, np.ndarray]]:
    """Return the scores of one representation, and how well each query of each test was answered, 1 if right."""
    halves_agree, stability = _agreements(features[chosen], None if seen is None else seen.vectors, config)
    row: RepresentationEvidence = {
        "halves": None,
        "agreement": halves_agree,
        "stability": stability,
        "pairs": {},
        "apart": None,
    }
    answers = {}
    if seen is not None:
        ranks = half_ranks(seen.similarity)
        row["halves"], answers["halves"] = half_scores(ranks), ranks == 1
    if len(asked.pairs):
        if seen is not None:
            row["apart"] = _score_apart(seen.similarity, chosen, asked.pairs)
        ranks = partner_ranks(features, asked.pairs)
        row["pairs"] = pair_scores_by_kind(ranks, clusters, asked.pairs, asked.kinds)
        answers["pairs"] = ranks <= NEAR
        first, second = asked.pairs.T
        answers["together"] = (clusters[first] == clusters[second]) - row["pairs"]["all"]["chance"]
    return row, answers


def _score_apart(similarity: np.ndarray, chosen: np.ndarray, pairs: np.ndarray) -> ApartScores | None:
    """Return the scores of the pairs whose ions are both among the chosen; None if there are none."""
    among = pairs[np.isin(pairs, chosen).all(axis=1)]
    if not len(among):
        return None
    ranks = partner_ranks_apart(similarity, np.searchsorted(chosen, among))
    return {"n": len(among), "top5": float((ranks <= NEAR).mean())}


def _agreements(
    features: np.ndarray, both: tuple[np.ndarray, np.ndarray] | None, config: RunConfig
) -> tuple[float | None, float | None]:
    """Return the AMI of the clusters of the two halves, and that of clusters of subsets of the ions."""
    try:
        found = agreement(features, config.clusters, halves=both, n_neighbours=config.neighbours, seed=config.seed)
    except SettingError:  # too few ions for this number of clusters if some are left out
        return None, None
    halves_agree, stability = (None if np.isnan(value) else float(value) for value in found)
    return halves_agree, stability


def _differences(
    answers: dict[str, dict[str, np.ndarray]], chosen: np.ndarray, asked: Asked, result: str
) -> list[Difference]:
    # Queries about one molecule are not independent.
    groups = {"halves": np.tile(asked.molecules[chosen], 2), "pairs": np.tile(_molecule_of_pairs(asked), 2)}
    differences: list[Difference] = []
    for test, group in groups.items():
        if test not in answers[result]:
            continue
        best = max((name for name in answers if is_measure(name)), key=lambda name: answers[name][test].mean())
        mean, low, high = paired_difference(answers[result][test], answers[best][test], group)
        differences.append({"test": test, "plain": best, "mean": mean, "low": low, "high": high})
    return differences


def _advice(answers: dict[str, dict[str, np.ndarray]], asked: Asked) -> dict[Answer, Advice]:
    """Return the comparisons by which the representation to start with is chosen, by what it is for."""
    of_pairs = _molecule_of_pairs(asked)
    queries: dict[Answer, tuple[str, np.ndarray]] = {
        "neighbours": ("pairs", np.tile(of_pairs, 2)),
        "clusters": ("together", of_pairs),
    }
    advice: dict[Answer, Advice] = {}
    for answer, (test, groups) in queries.items():
        asked_for = {name: found[test] for name, found in answers.items() if test in found}
        first = prior(answer, answers)
        advice[answer] = {"prior": first, "comparisons": compare(asked_for, first, groups)}
    return advice


def _molecule_of_pairs(asked: Asked) -> np.ndarray:
    return asked.molecules[asked.pairs[:, 0]]
