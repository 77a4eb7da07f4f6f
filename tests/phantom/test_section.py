from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from helpers import read_ions

from msiss.analyse.clustering import spectral_clusters
from msiss.analyse.metrics import ari
from msiss.analyse.similarity import image_vectors
from msiss.data.prepare import PrepareConfig, clean
from msiss.errors import SettingError
from msiss.phantom.anatomy import CLASSES, MATRIX, tissue_parts
from msiss.phantom.regime import DEFAULT_REGIME, Regime, draw_regime
from msiss.phantom.section import JITTER_PPM, MZ_RANGE, NOISE_PEAKS, Phantom, make_phantom


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(seed=0)


@pytest.fixture(scope="module")
def small() -> Phantom:
    return make_phantom(seed=5, shape=(30, 36), ions=60)


def scatter(phantom: Phantom, i: int, j: int) -> float:
    """Chi-square per pixel for two ions with the same image up to a factor; 1 where counting noise explains it all."""
    first, second = (phantom.images.images[ion].astype(float) for ion in (i, j))
    both = first + second
    share = second.sum() / both.sum()
    use = both > 10
    return float((np.square(second - share * both)[use] / (share * (1 - share) * both[use])).mean())


def test_truth_matches_the_images(phantom):
    images, truth = phantom.images, phantom.truth
    assert len(images) == len(truth) == 280
    np.testing.assert_array_equal(images.mz, truth["mz"])
    np.testing.assert_array_equal(images.labels, truth["class"])
    assert images.names == tuple(truth["name"])
    assert images.polarity == "positive"
    assert (np.bincount(images.labels, minlength=len(CLASSES)) >= 2).all()


def test_same_seed_same_section_other_seed_other_section(small):
    again = make_phantom(seed=5, shape=(30, 36), ions=60)
    assert again.images.fingerprint == small.images.fingerprint
    pd.testing.assert_frame_equal(again.truth, small.truth)
    assert make_phantom(seed=6, shape=(30, 36), ions=60).images.fingerprint != small.images.fingerprint


def test_images_hold_counts_and_a_few_pixels_are_missing(phantom):
    images, mask = phantom.images.images, phantom.images.mask
    np.testing.assert_array_equal(images, np.round(images))
    assert 1 <= (~mask).sum() <= 0.002 * mask.size
    means = images[:, mask].mean(axis=1)
    assert means.min() < 0.1
    assert means.max() > 5


def test_isotopes_differ_by_counting_noise_and_other_ionisation_by_more(phantom):
    pairs = phantom.pairs()
    pairs["counts"] = [
        min(phantom.images.images[i].mean(), phantom.images.images[j].mean()) for i, j in pairs[["i", "j"]].to_numpy()
    ]
    scatters = {}
    for kind, group in pairs.groupby("kind"):
        best = group.nlargest(3, "counts")
        scatters[kind] = np.mean([scatter(phantom, i, j) for i, j in best[["i", "j"]].to_numpy()])
    assert scatters["13C"] == pytest.approx(1, abs=0.1)
    assert scatters["Na/K"] == pytest.approx(1, abs=0.1)
    assert min(scatters["H/Na"], scatters["H/K"]) > 1.3


def test_pairs_are_the_ions_of_one_molecule(phantom):
    pairs, truth = phantom.pairs(), phantom.truth
    assert set(pairs["kind"]) == {"13C", "H/Na", "H/K", "Na/K"}
    difference = {"13C": 1.003355, "H/Na": 21.98194, "Na/K": 15.97394, "H/K": 37.95588}
    np.testing.assert_allclose(pairs["mz_j"] - pairs["mz_i"], pairs["kind"].map(difference), atol=1e-5)
    np.testing.assert_array_equal(pairs["mz_i"], phantom.images.mz[pairs["i"]])
    np.testing.assert_array_equal(pairs["mz_j"], phantom.images.mz[pairs["j"]])
    expected = sum(
        int(((truth["molecule"] == a.molecule) & (truth["adduct"] == a.adduct) & (truth["kind"] == "13C")).sum())
        for a in truth[truth["kind"] != "13C"].itertuples()
    )
    assert (pairs["kind"] == "13C").sum() == expected


def test_matrix_ions_lie_outside_the_section(phantom):
    anatomy = np.random.default_rng(np.random.SeedSequence(0).spawn(1)[0])
    parts = tissue_parts(phantom.images.shape, anatomy)
    mean = phantom.images.images[phantom.images.labels == MATRIX].mean(axis=0)
    assert mean[parts["outside"] > 0.95].mean() > 3 * mean[parts["section"] > 0.95].mean()


def test_lines_differ_in_brightness(phantom):
    total = phantom.images.images.sum(axis=0)
    rows = np.log(total.sum(axis=1))
    steps = np.diff(rows, 2)  # second differences: what is not smooth along the section
    assert steps.std() > 0.2
    columns = np.log(total.sum(axis=0))
    assert np.diff(columns, 2).std() < steps.std() / 2


def test_plain_cosine_does_not_solve_it_but_known_patterns_do(phantom):
    images, labels = phantom.images, phantom.images.labels
    vectors = image_vectors(clean(images, PrepareConfig()), images.mask)
    assert 0.3 < ari(spectral_clusters(vectors, len(CLASSES)), labels) < 0.65
    right = 0
    for image, adduct, label in zip(images.images, phantom.truth["adduct"], labels, strict=True):
        expected = np.sqrt(phantom.profiles * phantom.sensitivity[adduct])[:, images.mask]
        right += np.corrcoef(expected, np.sqrt(image[images.mask]))[-1, :-1].argmax() == label
    assert right > 0.9 * len(images)


def test_spectra_hold_the_images_with_small_errors_and_noise(small):
    images = np.zeros_like(small.images.images)
    errors, noise = [], 0
    for x, y, mz, counts in small.spectra():
        assert (np.diff(mz) >= 0).all()
        ion = np.abs(small.images.mz[None] - mz[:, None]).argmin(axis=1)
        error = (mz / small.images.mz[ion] - 1) * 1e6
        real = np.abs(error) < 6 * JITTER_PPM
        np.add.at(images, (ion[real], y - 1, x - 1), counts[real])
        errors += error[real].tolist()
        noise += int((~real).sum())
        assert (counts[~real] == 1).all()
        assert mz.min() > MZ_RANGE[0] * 0.99
    assert np.abs(images - small.images.images).sum() < 20  # noise peaks that hit an ion by chance
    assert np.std(errors) == pytest.approx(JITTER_PPM, rel=0.1)
    assert noise / small.images.mask.sum() == pytest.approx(NOISE_PEAKS, rel=0.1)


def test_written_and_read_again_it_is_the_same(small, tmp_path):
    path = small.write(tmp_path / "new")
    assert sorted(file.name for file in path.parent.iterdir()) == ["demo.ibd", "demo.imzML", "truth.csv"]
    truth = pd.read_csv(path.parent / "truth.csv")
    assert list(truth.columns[:2]) == ["mz", "class"]
    np.testing.assert_allclose(truth["mz"], small.images.mz)
    np.testing.assert_array_equal(truth["class"], small.images.labels)
    read = read_ions(path, mz=truth["mz"].to_numpy(), ppm=10)
    np.testing.assert_array_equal(read.mask, small.images.mask)
    assert read.pixel_size == small.images.pixel_size
    assert read.polarity == "positive"
    difference = np.abs(read.images - small.images.images)
    assert difference.max() <= 1
    assert difference.sum() < 20


def test_writing_twice_gives_the_same_bytes(small, tmp_path):
    first, second = small.write(tmp_path / "a").parent, small.write(tmp_path / "b").parent
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


# From where to where a drawn regime may lie.
RANGES = {
    "counts": (0.2, 3),
    "mix": (0.1, 0.5),
    "contrast": (0.1, 0.6),
    "background": (0, 0.5),
    "field": (0.1, 0.7),
    "line": (0, 0.5),
    "pixel": (0, 0.5),
    "hot_spots": (0, 0.01),
    "missing": (0, 0.01),
}
QUIET = Regime(counts=50, mix=0, contrast=0, background=0, field=0, line=0, pixel=0, hot_spots=0, missing=0)


def section(**changes) -> Phantom:
    """Return a section with many counts and nothing that makes it hard, but for `changes`."""
    return make_phantom(seed=2, shape=(30, 36), ions=60, regime=replace(QUIET, **changes))


def rates(phantom: Phantom) -> np.ndarray:
    """Return what the brightest ion of the quiet section becomes, relative to its mean."""
    brightest = section().images.images.sum(axis=(1, 2)).argmax()
    image = phantom.images.images[brightest].astype(float)
    return image / image[phantom.images.mask].mean()


def test_regimes_are_drawn_from_their_seed_over_their_whole_range():
    regimes = [draw_regime(seed) for seed in range(200)]
    assert draw_regime(7) == regimes[7]
    assert len(set(regimes)) == 200
    for name in {field.name for field in fields(Regime)} - {"anatomy", *RANGES}:
        assert {getattr(regime, name) for regime in regimes} == {getattr(DEFAULT_REGIME, name)}, name
    for name, (low, high) in RANGES.items():
        values = [getattr(regime, name) for regime in regimes]
        assert low <= min(values) < low + 0.05 * (high - low), name
        assert high - 0.1 * (high - low) < max(values) <= high, name
    patches = np.mean([regime.anatomy == "patches" for regime in regimes])
    assert 0.35 < patches < 0.65


@pytest.mark.parametrize("seed", range(4))
def test_any_drawn_regime_gives_counts_and_pairs_of_true_masses(seed):
    drawn = make_phantom(seed=seed, shape=(30, 36), ions=60, regime=draw_regime(seed))
    images = drawn.images.images
    np.testing.assert_array_equal(images, np.round(images))
    assert not images[:, ~drawn.images.mask].any()
    assert (~drawn.images.mask).sum() == np.ceil(draw_regime(seed).missing * 30 * 36)
    pairs = drawn.pairs()
    assert len(pairs) > 5
    difference = {"13C": 1.003355, "H/Na": 21.98194, "Na/K": 15.97394, "H/K": 37.95588}
    np.testing.assert_allclose(pairs["mz_j"] - pairs["mz_i"], pairs["kind"].map(difference), atol=1e-5)
    again = make_phantom(seed=seed, shape=(30, 36), ions=60, regime=draw_regime(seed))
    assert again.images.fingerprint == drawn.images.fingerprint


def test_without_a_regime_the_section_is_that_of_the_default_one(small):
    same = make_phantom(seed=5, shape=(30, 36), ions=60, regime=DEFAULT_REGIME)
    assert same.images.fingerprint == small.images.fingerprint


def test_a_section_without_anything_hard_shows_its_profiles_up_to_counting_noise():
    for anatomy in ("organ", "patches"):
        quiet = section(anatomy=anatomy)
        assert quiet.images.mask.all()
        for adduct in quiet.sensitivity.values():
            np.testing.assert_array_equal(adduct, 1)
        for image, label in zip(quiet.images.images, quiet.images.labels, strict=True):
            profile = quiet.profiles[label]
            expected = image.sum() * profile / profile.sum()
            use = expected > 5
            if use.any():
                assert (np.square(image - expected)[use] / expected[use]).mean() == pytest.approx(1, abs=0.25)
    assert not np.allclose(section(anatomy="patches").profiles, section().profiles, atol=0.5)


def test_a_mixed_image_is_a_sum_of_two_profiles_and_a_changed_contrast_is_a_power():
    quiet = section()
    own = quiet.images.labels[quiet.images.images.sum(axis=(1, 2)).argmax()]
    bright = quiet.profiles[own] > 0.3
    profile = quiet.profiles[own][bright]
    powers = rates(section(contrast=0.6))[bright]
    slope, _ = np.polyfit(np.log(profile), np.log(powers.clip(1e-3)), 1)
    assert abs(np.log(slope)) > 0.05

    mixed = rates(section(mix=0.5))[bright]

    def misfit(*profiles: np.ndarray) -> float:
        return float(np.linalg.lstsq(np.stack(profiles, axis=1), mixed)[1][0])

    others = [misfit(profile, other[bright]) for other in np.delete(quiet.profiles, own, axis=0)]
    assert min(others) < 0.5 * misfit(profile)


def test_sensitivity_varies_over_the_section_from_line_to_line_or_from_pixel_to_pixel():
    log = {name: np.log(section(**{name: 0.5}).sensitivity["H"]) for name in ("field", "line", "pixel")}
    for one in log.values():
        assert one.std() == pytest.approx(0.5, rel=0.3)
    steps = {name: (np.diff(one, axis=0).std(), np.diff(one, axis=1).std()) for name, one in log.items()}
    assert max(steps["field"]) < 0.15
    assert steps["line"][0] > 0.4
    assert steps["line"][1] == 0
    assert steps["pixel"] == pytest.approx((0.5 * np.sqrt(2),) * 2, rel=0.1)
    sensitivity = section(pixel=0.5).sensitivity
    np.testing.assert_array_equal(sensitivity["Na"], sensitivity["K"])
    assert abs(np.corrcoef(sensitivity["H"].ravel(), sensitivity["Na"].ravel())[0, 1]) < 0.2


def test_background_hot_spots_counts_and_missing_pixels():
    quiet = section()
    dark = quiet.profiles.mean(axis=0) < np.quantile(quiet.profiles.mean(axis=0), 0.1)
    share = [
        np.median(one.images.images[:, dark].mean(axis=1) / one.images.images.mean(axis=(1, 2)))
        for one in (quiet, section(background=0.5))
    ]
    assert share[1] > share[0] + 0.05
    hot = section(hot_spots=0.01).sensitivity["H"]
    assert 0.003 < (hot > 1).mean() < 0.03
    assert np.log(hot[hot > 1]).min() >= 1
    assert np.log(hot).max() <= 2.5
    few = section(counts=5).images.images.sum()
    assert few / quiet.images.images.sum() == pytest.approx(0.1, rel=0.02)
    assert (~section(missing=0.01).images.mask).sum() == np.ceil(0.01 * 30 * 36)


BRIGHT = 200.0  # counts per pixel: their own noise is small against what is tested here


def loud(**changes) -> Phantom:
    """Return a section of very many counts."""
    return section(counts=2000, **changes)


def bright_pairs(phantom: Phantom, kind: str) -> np.ndarray:
    """Return the pairs of a kind whose ions both have many counts per pixel, shape (M, 2)."""
    pairs = phantom.pairs().query("kind == @kind")[["i", "j"]].to_numpy()
    return pairs[(phantom.images.images.mean(axis=(1, 2)) > BRIGHT)[pairs].all(axis=1)]


def log_noise(phantom: Phantom, quiet: Phantom) -> np.ndarray:
    """Return the logarithm of each image relative to its image in the quiet section, where that has many counts."""
    images, expected = phantom.images.images.astype(float), quiet.images.images.astype(float)
    return np.log(np.where(expected > BRIGHT / 2, images.clip(0.5) / expected.clip(0.5), 1))


def correlations(log: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the correlation of the pixels of each pair that are known in both."""
    found = []
    for i, j in pairs:
        known = (log[i] != 0) & (log[j] != 0)
        if known.sum() > 100:
            found.append(np.corrcoef(log[i][known], log[j][known])[0, 1])
    return np.array(found)


def test_ions_of_a_molecule_share_its_fluctuation_and_those_of_two_molecules_do_not():
    quiet, restless = loud(), loud(molecule=0.5)
    log = log_noise(restless, quiet)
    for kind in ("13C", "H/Na", "Na/K"):  # whatever the adduct
        assert correlations(log, bright_pairs(quiet, kind)).min() > 0.8
    molecules, labels = restless.truth["molecule"].to_numpy(), restless.images.labels
    bright = np.flatnonzero(quiet.images.images.mean(axis=(1, 2)) > BRIGHT)
    others = np.array([(i, j) for i in bright for j in bright if i < j and molecules[i] != molecules[j]])
    assert np.abs(np.mean(correlations(log, others))) < 0.05
    assert (labels[others[:, 0]] == labels[others[:, 1]]).any()  # nor do those of one class


def test_molecules_of_a_class_share_the_fluctuation_of_their_cells_and_others_do_not():
    quiet, cells = loud(), loud(cells=0.5)
    log = log_noise(cells, quiet)
    labels = quiet.images.labels
    bright = np.flatnonzero(quiet.images.images.mean(axis=(1, 2)) > BRIGHT)
    pairs = np.array([(i, j) for i in bright for j in bright if i < j])
    same = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    assert correlations(log, pairs[same]).min() > 0.8
    assert np.abs(np.mean(correlations(log, pairs[~same]))) < 0.05


def test_all_ions_share_the_fluctuation_of_the_spectrum():
    quiet, restless = loud(), loud(spectrum=0.5)
    log = log_noise(restless, quiet)
    bright = np.flatnonzero(quiet.images.images.mean(axis=(1, 2)) > BRIGHT)
    assert correlations(log, np.array([(i, j) for i in bright for j in bright if i < j])).min() > 0.8
    np.testing.assert_allclose(restless.sensitivity["H"], restless.sensitivity["Na"])


def test_noise_is_of_each_ion_alone_and_grows_with_its_mz():
    quiet, noisy = loud(), loud(noise=0.3)
    log = log_noise(noisy, quiet)
    bright = np.flatnonzero(quiet.images.images.mean(axis=(1, 2)) > BRIGHT)
    assert np.abs(np.mean(correlations(log, np.array([(i, j) for i in bright for j in bright if i < j])))) < 0.05
    spreads = np.array([log[ion][log[ion] != 0].std() for ion in bright])
    np.testing.assert_allclose(spreads, 0.3 * quiet.images.mz[bright] / 600, rtol=0.2, atol=0.05)


@pytest.mark.parametrize("name", ["cells", "molecule", "spectrum", "noise"])
def test_fluctuations_leave_the_expected_counts_as_they_were(name):
    changed = section(**{name: 0.4})
    quiet = section()
    assert changed.images.images.sum() / quiet.images.images.sum() == pytest.approx(1, abs=0.05)
    assert not np.array_equal(changed.images.images, quiet.images.images)


def test_lines_drift_and_edges_differ_from_the_inside():
    np.testing.assert_allclose(
        np.log(section(drift=0.8).sensitivity["H"]).mean(axis=1)[[0, -1]], [-0.4, 0.4], atol=0.05
    )
    edge = np.log(section(edge=0.8).sensitivity["Na"])
    profiles = section().profiles[MATRIX]
    assert edge.max() == pytest.approx(0.8, abs=0.1)
    assert np.abs(edge[profiles == profiles.max()]).max() < 1e-9


def test_full_suppression_gives_every_pixel_the_same_total():
    quiet, suppressed = section(), section(suppression=1.0)
    totals = [one.images.images.sum(axis=0) for one in (quiet, suppressed)]
    assert totals[0].std() > 0.2 * totals[0].mean()
    assert totals[1].std() < 0.02 * totals[1].mean()


def test_counts_below_the_threshold_are_not_recorded_and_the_others_are_unchanged():
    images, cut = section(counts=1).images.images, section(counts=1, threshold=4.0).images.images
    np.testing.assert_array_equal(cut, np.where(images < 4, 0, images))


def test_abundances_are_as_unequal_as_asked():
    means = {power: np.log(section(abundance=power).images.images.mean(axis=(1, 2))) for power in (1.0, 0.5, 0.0)}
    slope = np.polyfit(means[1.0], means[0.5], 1)[0]
    assert slope == pytest.approx(0.5, abs=0.02)
    assert means[0.0].std() < 0.02


def test_a_molecule_of_several_classes_is_their_sum():
    alone, several = (section(anatomy="patches", counts=2e6, overlap=overlap) for overlap in (0, 0.9))
    profiles = alone.profiles.reshape(len(alone.profiles), -1)
    brightest = alone.images.images.sum(axis=(1, 2)).argmax()
    weights = np.linalg.lstsq(profiles.T, several.images.images[brightest].ravel())[0]
    shares = weights / weights.sum()
    assert shares.min() > -0.005
    assert (shares > 0.01).sum() > 1
    assert shares.sum() - shares[alone.images.labels[brightest]] > 0.05


def test_a_nested_section_has_the_classes_that_were_asked_for_and_may_be_measured_alone():
    whole = make_phantom(seed=3, shape=(30, 36), ions=60, regime=Regime(anatomy="nested", classes=7))
    assert set(whole.images.labels) == set(range(7))
    assert whole.profiles.shape == (7, 30, 36)
    alone = make_phantom(seed=3, shape=(30, 36), ions=60, regime=Regime(anatomy="nested", classes=7, whole=False))
    outside = whole.profiles[-1] >= whole.profiles[-1].max() / 2
    np.testing.assert_array_equal(alone.images.mask, whole.images.mask & ~outside)
    assert not alone.images.images[:, outside].any()


@pytest.mark.parametrize("wrong", [{"shape": (10, 50)}, {"ions": 0}, {"ions": 5000}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(SettingError, match="at least 24 x 24 pixels and 1 to 1000 ions"):
        make_phantom(**wrong)
