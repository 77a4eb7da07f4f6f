"""The evidence of a run: not misled by noise, complete, and read back."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.analyse import isotopes, representations
from msiss.analyse.advice import compare
from msiss.analyse.bootstrap import paired_difference
from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.halves import across, half_ranks, half_scores, halves
from msiss.analyse.mass_tolerance import FoundPairs, find_pairs
from msiss.analyse.masses import Tolerance
from msiss.analyse.measures import fit, vectors
from msiss.analyse.representations import BANDS, IMAGE_VECTORS, measure_names
from msiss.data.axis import RAMAN
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, clean
from msiss.errors import RunError
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.phantom.section import make_phantom
from msiss.runs.jobs import State, Status
from msiss.runs.quality.asked import Asked
from msiss.runs.quality.compute_evidence import Report, _advice, _differences, compute_evidence, split
from msiss.runs.quality.evidence import PRIORS, Evidence, evidence_of, evidence_table, prior, tolerance_text
from msiss.runs.store import Run

TINY = {"spatial.steps": 2, "device": "cpu", "neighbours": 4}
PHANTOM = make_phantom(shape=(24, 30), ions=40)


FEW = (IMAGE_VECTORS, "whitened", BANDS)


@pytest.fixture(autouse=True)
def _few_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare with few measures, to be quick; `found` is made before and has all."""
    monkeypatch.setattr(representations, "measure_names", lambda: FEW)


def new_run(folder: Path, images: IonImages, clusters: int = 3, **settings: object) -> Run:
    config = SpatialConfig(clusters=clusters).with_settings(TINY | settings)
    return Run.create(folder / "run", dataset=folder / "data", fingerprint=images.fingerprint, config=config)


def evidence_with_bands(run: Run, images: IonImages, report: Report = lambda done: None) -> Evidence:
    """Compute the evidence, with the first of the measures, or the plain bands, in place of what is trained."""
    cleaned = clean(images, run.config.prepare)
    plain = {name: vectors(name, cleaned, images.mask) for name in representations.measure_names()}
    features = {NAME: plain.get(BANDS, next(iter(plain.values())))} | plain
    clusters = {name: spectral_clusters(one, run.config.clusters, n_neighbours=4) for name, one in features.items()}
    return compute_evidence(run, images, features, clusters, report)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return evidence_with_bands(new_run(tmp_path_factory.mktemp("phantom"), PHANTOM.images, check=True), PHANTOM.images)


def noise(ions: int) -> IonImages:
    rng = np.random.default_rng(0)
    images = rng.poisson(1.0, (ions, 30, 30)).astype(np.float32)
    return IonImages(images=images, mz=rng.uniform(400, 900, ions), mask=np.ones((30, 30), dtype=bool))


def test_every_representation_has_its_row_and_json_takes_it(found: Evidence) -> None:
    assert list(found["representations"]) == ["msiss", *measure_names()]
    assert found["result"] == "msiss"
    assert found["ions"] == 40
    for row in found["representations"].values():
        assert row["halves"] is not None
        assert row["halves"]["n"] == 40
        assert 0 <= row["halves"]["top1"] <= row["halves"]["mrr"] <= 1
        assert -0.2 <= row["agreement"] <= 1.001  # type: ignore[operator]
        assert -0.2 <= row["stability"] <= 1.001  # type: ignore[operator]
    json.dumps(found, allow_nan=False)


def test_pairs_are_those_of_the_molecules_by_kind(found: Evidence) -> None:
    numbers = found["pairs"]
    assert numbers is not None
    assert numbers["13C"]["n"] >= (PHANTOM.pairs()["kind"] == "13C").sum() > 0
    assert numbers["all"]["n"] == sum(number["n"] for kind, number in numbers.items() if kind != "all")
    assert 0 <= numbers["all"]["by_chance"] < 0.1 * numbers["all"]["n"]
    chosen = set(range(len(PHANTOM.images)))
    assert len(chosen) <= 1000  # all ions were split, so that all pairs are asked apart, too
    for row in found["representations"].values():
        assert row["apart"] is not None
        assert row["apart"]["n"] == numbers["all"]["n"]
        assert 0 <= row["apart"]["top5"] <= 1
        assert {kind: scores["n"] for kind, scores in row["pairs"].items()} == {
            kind: number["n"] for kind, number in numbers.items()
        }


def test_differences_are_against_the_best_measure_without_training(found: Evidence) -> None:
    rows = found["representations"]
    assert [one["test"] for one in found["differences"]] == ["halves", "pairs"]
    shares = {
        "halves": {name: row["halves"]["top1"] for name, row in rows.items()},  # type: ignore[index]
        "pairs": {name: row["pairs"]["all"]["top5"] for name, row in rows.items()},
    }
    for one in found["differences"]:
        share = shares[one["test"]]
        assert share[one["plain"]] == max(share[name] for name in measure_names())
        assert one["mean"] == pytest.approx(share["msiss"] - share[one["plain"]])
        assert one["low"] <= one["mean"] <= one["high"]


def test_nothing_recognises_noise_not_even_what_learned_from_it(tmp_path: Path) -> None:
    images = noise(60)
    rows = evidence_with_bands(new_run(tmp_path, images, check=True), images)["representations"]
    top1 = {name: row["halves"]["top1"] for name, row in rows.items()}  # type: ignore[index]
    assert max(top1.values()) < 0.12, top1  # chance: 1 of 60
    # What is fitted to whole images knows the noise of both halves: this is why it must not be.
    knowing = fit("whitened", images.images, images.mask)
    assert half_scores(half_ranks(across(*map(knowing, halves(images.images, images.mask)))))["top1"] > 0.5


def test_without_the_check_what_was_trained_is_not_compared_by_halves(tmp_path: Path) -> None:
    found = evidence_with_bands(new_run(tmp_path, PHANTOM.images), PHANTOM.images)
    row = found["representations"]["msiss"]
    assert row["halves"] is None
    assert row["agreement"] is None
    assert row["stability"] is not None
    assert [one["test"] for one in found["differences"]] == ["pairs"]
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_other_axes_than_mz_have_no_pairs(tmp_path: Path) -> None:
    images = replace(PHANTOM.images, axis=RAMAN)
    found = evidence_with_bands(new_run(tmp_path, images), images)
    assert found["pairs"] is None
    assert found["differences"] == []
    assert all(row["pairs"] == {} for row in found["representations"].values())


def test_pairs_are_those_within_the_tolerance_of_the_m_z(tmp_path: Path) -> None:
    base = np.linspace(500.1234567, 900.7654321, 12)
    off = np.random.default_rng(0).normal(0, 8e-6, 12)
    mz = np.concatenate([base, (base + isotopes.CARBON_13) * (1 + off)])
    images = replace(noise(24), mz=mz)
    found = evidence_with_bands(new_run(tmp_path, images), images)
    pairs = find_pairs(mz)
    assert pairs.tolerance is not None
    assert found["tolerance"] == {"ppm": pairs.tolerance.ppm, "least": 0.0}
    assert tolerance_text(found) == "10 ppm"
    assert found["pairs"] is not None
    assert found["pairs"]["13C"]["n"] == found["pairs"]["all"]["n"] == len(pairs.table) == 10
    assert found["pairs"]["13C"]["by_chance"] == pairs.by_chance["13C"]
    assert found["pairs"]["all"]["by_chance"] == sum(pairs.by_chance.values())


def test_bins_of_a_unit_mass_have_no_pairs(tmp_path: Path) -> None:
    images = replace(noise(60), mz=np.arange(400.0, 460))
    found = evidence_with_bands(new_run(tmp_path, images), images)
    assert found["tolerance"] is None
    assert found["pairs"] == {"all": {"n": 0, "by_chance": 0}}


def test_copies_and_empty_images_are_not_asked_about(tmp_path: Path) -> None:
    ions = PHANTOM.images.subset(np.arange(20))
    at = isotopes.CARBON_13  # copies that are isotopes of their originals by their m/z
    doubled = replace(
        PHANTOM.images.subset([*range(20), 3, 7, 11, 12]),
        mz=np.concatenate([ions.mz, ions.mz[[3, 7]] + at, [301.5, 302.5]]),
    )
    images = doubled.images.copy()
    images[22:] = 0
    doubled = replace(doubled, images=images)
    alone = evidence_with_bands(new_run(tmp_path / "alone", ions), ions)
    found = evidence_with_bands(new_run(tmp_path / "doubled", doubled), doubled)
    assert (alone["copies"], alone["empty"]) == (0, 0)
    assert (found["copies"], found["empty"]) == (2, 2)
    for key in ("ions", "pairs", "molecules"):
        assert found[key] == alone[key]  # type: ignore[literal-required]
    shares = [one["representations"]["image-vectors"]["pairs"]["all"]["top5"] for one in (alone, found)]
    assert shares[0] == shares[1]  # copies are no rivals of a partner


@pytest.mark.parametrize(("different", "ions", "copies", "empty"), [(0, 12, 0, 0), (1, 1, 11, 0), (2, 2, 10, 0)])
def test_images_that_are_hardly_any_are_no_trouble(
    tmp_path: Path, different: int, ions: int, copies: int, empty: int
) -> None:
    images = noise(12)
    pixels = images.images[[*range(different), *[0] * (12 - different)]] * bool(different)
    images = replace(images, images=pixels.astype(np.float32))
    found = evidence_with_bands(new_run(tmp_path, images), images)
    assert (found["ions"], found["copies"], found["empty"]) == (ions, copies, empty)
    json.dumps(found, allow_nan=False)


def test_a_check_of_too_few_different_images_is_left_out(tmp_path: Path) -> None:
    images = noise(12)
    images = replace(images, images=images.images[[0, 1, 2, *[3] * 9]])
    found = evidence_with_bands(new_run(tmp_path, images, clusters=4, check=True), images)
    assert found["copies"] == 8
    assert found["representations"]["msiss"]["halves"] is None
    assert found["representations"]["bands"]["halves"] is not None


def test_near_copies_are_counted_where_pixels_are_correlated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Evidence
) -> None:
    assert found["near_copies"] == 0
    images = PHANTOM.images.images.copy()
    images[5] = images[4] * 2
    images[5, 3, 3] += 1e-3
    similar = replace(PHANTOM.images, images=images)
    assert evidence_with_bands(new_run(tmp_path / "few", similar), similar)["near_copies"] is None
    monkeypatch.setattr(representations, "measure_names", lambda: ("correlation",))
    found = evidence_with_bands(new_run(tmp_path / "all", similar), similar)
    assert (found["copies"], found["near_copies"]) == (0, 1)


def test_all_are_compared_with_those_best_elsewhere(found: Evidence) -> None:
    rows = found["representations"]
    scores = {
        "neighbours": {name: row["pairs"]["all"]["top5"] for name, row in rows.items()},
        "clusters": {name: row["above_chance"] for name, row in evidence_table(found).items()},
    }
    assert found["molecules"] <= found["pairs"]["all"]["n"]  # type: ignore[index]
    for answer in PRIORS:
        advice = found["advice"][answer]
        first = advice["prior"]
        assert first == prior(answer, rows)
        assert [one["representation"] for one in advice["comparisons"]] == [name for name in rows if name != first]
        for one in advice["comparisons"]:
            lead = scores[answer][one["representation"]] - scores[answer][first]  # type: ignore[operator]
            assert one["mean"] == pytest.approx(lead)
            assert one["low"] - 1e-9 <= one["mean"] <= one["high"] + 1e-9


def test_pairs_of_one_molecule_are_drawn_together_for_the_advice() -> None:
    rng = np.random.default_rng(0)
    asked = asked_with(pairs=np.array([[0, 1], [1, 2], [3, 4], [5, 6], [6, 7]]), number=8)
    answers = {name: {"pairs": rng.random(10), "together": rng.random(5)} for name in ("bands", "joint", "msiss")}
    molecules = np.array([0, 0, 1, 2, 2])
    for answer, test, groups in (("neighbours", "pairs", np.tile(molecules, 2)), ("clusters", "together", molecules)):
        first = {"neighbours": "joint", "clusters": "msiss"}[answer]
        expected = compare({name: found[test] for name, found in answers.items()}, first, groups)
        assert _advice(answers, asked)[answer] == {"prior": first, "comparisons": expected}  # type: ignore[index]


def test_the_best_elsewhere_is_the_first_that_a_run_has() -> None:
    assert prior("neighbours", ("msiss", "joint", "hub-corrected")) == "joint"
    assert prior("clusters", ("msiss", "joint", "hub-corrected")) == "msiss"
    assert prior("clusters", ("self-labelled", "joint", "hub-corrected")) == "hub-corrected"
    assert prior("clusters") == "hub-corrected"


def test_pairs_are_those_of_the_polarity(tmp_path: Path) -> None:
    mz = np.array([500.0, 501.99705, 600.0, 621.98194, 700.0, 701.00335])  # 37Cl, H/Na, 13C
    for polarity, kinds in (("negative", {"13C", "37Cl", "all"}), ("positive", {"13C", "H/Na", "all"})):
        images = replace(noise(6), mz=mz, polarity=polarity)
        found = evidence_with_bands(new_run(tmp_path / polarity, images), images)
        assert found["pairs"] is not None
        assert {kind for kind, number in found["pairs"].items() if number["n"]} == kinds


def asked_with(pairs: np.ndarray, number: int) -> Asked:
    table = pd.DataFrame({"i": pairs[:, 0], "j": pairs[:, 1], "kind": "13C"})
    return Asked(np.arange(number), FoundPairs(table, {"13C": 0.0}, Tolerance(5.0)), copies=0, empty=0)


def test_queries_about_one_molecule_are_drawn_together() -> None:
    rng = np.random.default_rng(0)
    chosen = np.arange(1, 24)
    lighter = np.arange(0, 24, 3)
    asked = asked_with(np.stack([lighter, lighter + 1], axis=1), 24)
    answers = {
        name: {"halves": share + rng.random(46), "pairs": share + rng.random(16)}
        for name, share in ((NAME, 0.8), (BANDS, 0.5), ("whitened", 0.1))
    }
    found = _differences(answers, chosen, asked, NAME)
    molecules = np.array([ion if ion % 3 == 2 else ion // 3 * 3 for ion in range(24)])
    drawn_together = {"halves": [*molecules[chosen]] * 2, "pairs": [*lighter] * 2}
    assert [one["test"] for one in found] == ["halves", "pairs"]
    for one in found:
        both = (answers[name][one["test"]] for name in (NAME, BANDS))
        expected = paired_difference(*both, np.array(drawn_together[one["test"]]))
        assert (one["plain"], one["mean"], one["low"], one["high"]) == ("bands", *expected)


def test_no_pair_among_the_ions(tmp_path: Path) -> None:
    images = noise(12)
    found = evidence_with_bands(new_run(tmp_path, images), images)
    assert found["pairs"] is not None
    assert found["pairs"]["all"]["n"] == 0
    assert all(row["pairs"] == {} for row in found["representations"].values())


def test_of_many_ions_some_are_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msiss.runs.quality.compute_evidence.MOST_IONS", 15)
    found = evidence_with_bands(new_run(tmp_path, PHANTOM.images), PHANTOM.images)
    assert found["ions"] == 15
    assert found["representations"]["bands"]["halves"]["n"] == 15  # type: ignore[index]
    assert found["pairs"]["all"]["n"] >= len(PHANTOM.pairs())  # type: ignore[index]


def test_too_few_ions_for_subsets_have_no_stability(tmp_path: Path) -> None:
    images = PHANTOM.images.subset(np.arange(5))
    row = evidence_with_bands(new_run(tmp_path, images, clusters=4), images)["representations"]["bands"]
    assert row["stability"] is None
    assert row["halves"] is not None


def test_images_without_signal_are_no_trouble(tmp_path: Path) -> None:
    images = PHANTOM.images.images.copy()
    images[:10] = 0
    silent = replace(PHANTOM.images, images=images)
    rows = evidence_with_bands(new_run(tmp_path, silent), silent)["representations"]
    assert all(row["halves"]["top1"] <= 0.75 for name, row in rows.items() if name != "msiss")  # type: ignore[index]


@pytest.mark.parametrize("settings", [{}, {"normalisation": "tic"}, {"normalisation": "reference"}])
def test_a_half_does_not_know_the_pixels_of_the_other(settings: dict) -> None:
    images = PHANTOM.images
    if settings.get("normalisation") == "reference":  # by an ion that is not split itself
        settings = settings | {"reference_mz": float(images.mz[39])}
    config = PrepareConfig(**settings)
    board = np.indices(images.shape).sum(axis=0) % 2 == 0
    changed = images.images.copy()
    changed[:, ~board] = changed[::-1][:, ~board] * 3
    changed[39] = images.images[39]
    if settings.get("normalisation") == "tic":  # of the whole pixel, so it does not change with the images
        images = replace(images, tic=images.images.sum(axis=0))
    chosen = np.arange(0, 39, 3)
    before, _ = split(images, chosen, config)
    after, _ = split(replace(images, images=changed), chosen, config)
    unit = [half.images / half.images.max(axis=(1, 2), keepdims=True) for half in (before, after)]
    np.testing.assert_allclose(unit[0], unit[1], rtol=1e-5)


@pytest.mark.parametrize(
    "later",
    [{}, {"median_filter": True}, {"transform": "log"}, {"hotspot_quantile": 0.9}],
    ids=lambda later: str(later),
)
def test_halves_are_normalised_as_the_whole_and_nothing_else_is_done_before_the_split(later: dict) -> None:
    images = PHANTOM.images
    config = PrepareConfig(normalisation="rms", **later)
    even, odd = split(images, np.arange(40), config)
    whole = clean(images, PrepareConfig(normalisation="rms", hotspot_quantile=1))
    board = np.indices(images.shape).sum(axis=0) % 2 == 0
    np.testing.assert_allclose(even.images[:, board], whole[:, board], rtol=1e-5)
    np.testing.assert_allclose(odd.images[:, ~board], whole[:, ~board], rtol=1e-5)


def test_progress_grows_to_the_end_and_may_stop_the_work(tmp_path: Path) -> None:
    told: list[float] = []
    images = PHANTOM.images.subset(np.arange(12))
    run = new_run(tmp_path, images, check=True)
    evidence_with_bands(run, images, lambda step: told.append(step.fraction))
    assert told == sorted(told)
    assert told[0] < 0.5
    assert told[-1] == pytest.approx(1)

    def stop(_done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evidence_with_bands(run, images, stop)


def test_a_run_gives_its_evidence_back_once_it_is_done(tmp_path: Path, found: Evidence) -> None:
    run = new_run(tmp_path, PHANTOM.images)
    with pytest.raises(RunError, match="no evidence yet: it is queued"):
        evidence_of(run)
    run.write_status(Status(state=State.DONE))
    assert evidence_of(run) is None  # of an earlier version
    (run.path / "results").mkdir()
    (run.path / "results" / "evidence.json").write_text(json.dumps(found), encoding="utf-8")
    assert evidence_of(run) == found


def test_evidence_of_what_this_version_does_not_know_is_left_out(finished_run: Run) -> None:
    known, unknown = {"test": "halves", "plain": "bands"}, {"test": "pairs", "plain": "tomorrow"}
    kept = {"ions": 12, "representations": {"bands": 1, "tomorrow": 2}, "differences": [known, unknown], "result": "x"}
    (finished_run.path / "results" / "evidence.json").write_text(json.dumps(kept), encoding="utf-8")
    found = {"ions": 12, "representations": {"bands": 1}, "differences": [known], "result": "x"}
    assert evidence_of(finished_run) == found


def test_advice_that_this_version_does_not_know_is_left_out(finished_run: Run) -> None:
    def compared(prior: str, other: str) -> dict:
        return {"prior": prior, "comparisons": [{"representation": other}]}

    kept = {"representations": {}, "differences": []}
    file = finished_run.path / "results" / "evidence.json"
    for one, known in ((compared("joint", "bands"), True), (compared("tomorrow", "bands"), False)):
        file.write_text(json.dumps(kept | {"advice": {"neighbours": one}}), encoding="utf-8")
        assert evidence_of(finished_run)["advice"] == ({"neighbours": one} if known else {})  # type: ignore[index]


def test_the_table_has_one_row_per_representation_and_none_for_what_was_not_measured() -> None:
    pair_scores = {"n": 40, "same_cluster": 0.7, "chance": 0.2, "top5": 0.5, "mrr": 0.3}
    rows = {
        "joint": {
            "halves": {"n": 50, "top1": 0.6, "mrr": 0.7},
            "agreement": 0.5,
            "stability": 0.4,
            "pairs": {"all": pair_scores},
            "apart": {"n": 30, "top5": 0.45},
        },
        NAME: {"halves": None, "agreement": None, "stability": 0.3, "pairs": {}},  # of a version without "apart"
    }
    evidence: Evidence = {"ions": 50, "pairs": None, "representations": rows, "differences": [], "result": NAME}
    table = evidence_table(evidence)
    assert list(table) == ["joint", NAME]
    assert table["joint"] == {
        "halves": 0.6,
        "agreement": 0.5,
        "stability": 0.4,
        "top5": 0.5,
        "apart": 0.45,
        "above_chance": pytest.approx(0.5),
    }
    missing = dict.fromkeys(("halves", "agreement", "top5", "apart", "above_chance"))
    assert table[NAME] == missing | {"stability": 0.3}
