import dataclasses
import json
import re

import numpy as np
import pytest

from msiss.analyse import consensus
from msiss.learn.methods import METHODS, preset_config, presets
from msiss.learn.spatial import network, scales
from msiss.learn.spatial.config import SpatialSettings, SpatialViewsConfig
from msiss.runs.store import Run
from msiss.share.methods import methods_text


def text_for(tmp_path, images, preset="paper", **settings) -> str:
    config = preset_config(preset, clusters=3).with_settings(settings)
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint=images.fingerprint, config=config)
    return methods_text(run, images)


def test_the_numbers_are_those_of_the_run(tmp_path, small_images):
    text = text_for(tmp_path, small_images, **{"prepare.normalisation": "tic", "contrastive.views.noise": 0.35})
    for part in (
        "12 ion images (m/z 400.1000 to 800.3000, positive polarity) of 20 × 16 pixels of 10 × 10 µm",
        "divided by the total ion count of each pixel",
        "96 × 96 pixels",
        "EfficientNet-B0",
        "NT-Xent loss, temperature 0.5; 50 epochs, batch size 183, Adam with learning rate 0.001",
        "gave 3 initial clusters",
        "sigma up to 0.35",
        "150 epochs, learning rate 0.0001, confidence threshold 0.9",
        small_images.fingerprint[:16],
        "doi:10.1039/D1SC04077D",
    ):
        assert part in text


def test_what_was_not_done_or_is_not_known_is_not_claimed(tmp_path, small_images):
    text = text_for(tmp_path, dataclasses.replace(small_images, pixel_size=None, polarity="unknown"))
    for part in ("divided by the total", "divided by the root", "rotation", "translation", "crop", "µm", "polarity"):
        assert part not in text


def test_what_the_file_says_about_the_measurement_is_told_but_for_names_of_files(tmp_path, small_images):
    about = {"Instrument": "Q Exactive HF", "Matrix": "DHB", "Source file": "a.raw", "Description": "my favourite"}
    text = text_for(tmp_path, dataclasses.replace(small_images, about=about))
    assert "The file says about the measurement: instrument: Q Exactive HF; matrix: DHB." in text
    assert "a.raw" not in text
    assert "favourite" not in text
    assert "The file says" not in text_for(tmp_path / "none", small_images)


def test_geometry_is_told_where_it_was_used(tmp_path, small_images):
    text = text_for(tmp_path, small_images, **{"self_label.strong_views.rotation": 15})
    assert "rotation up to 15°" in text


def test_the_method_is_the_one_that_was_used(tmp_path, small_images):
    text = text_for(tmp_path, small_images, "msiss")
    for part in (
        "small convolutional network",
        "The similarity of two images combines six representations",
        "Consensus clustering (Fred and Jain 2005) gave 3",
    ):
        assert part in text
    for part in ("EfficientNet", "self-labelling", "Tan"):
        assert part not in text


def test_the_numbers_of_msiss_are_those_of_the_run(tmp_path, small_images):
    views = {"mix": 0.21, "contrast": 0.36, "background": 0.42, "gain": 1.25, "lines": 0.45, "pixels": 0.55}
    views |= {"counts_min": 250, "counts_max": 40_000}
    settings = {f"spatial.views.{name}": value for name, value in views.items()}
    own = {"steps": 310, "batch_size": 77, "learning_rate": 0.003, "temperature": 0.17}
    own |= {"near_ions": 6, "near_share": 0.35}
    settings |= {f"spatial.{name}": value for name, value in own.items()}
    text = text_for(tmp_path, small_images, "msiss", **settings, neighbours=7)
    for part in (
        "In 35% of the pairs, the second view was that of one of the 6 ions nearest to it",
        "temperature 0.17; about 310 steps of up to about 77 ion images",
        "one-cycle learning rate of at most 0.003",
        "up to 21% of another ion image",
        "logarithm up to ±0.36",
        "up to 42% of the mean",
        "logarithm up to 1.25",
        "per line and per pixel (standard deviations of their logarithms up to 0.45 and 0.55)",
        "250 to 40,000 counts",
        "for 2, 3 and 5 clusters",
        "Their clusters are those of consensus clustering as well",
    ):
        assert part in text
    assert len(views) == len(SpatialViewsConfig.model_fields)
    assert len(own) + 1 == len(SpatialSettings.model_fields)  # and the views


def test_the_numbers_that_are_no_settings_are_those_of_the_code(tmp_path, small_images):
    text = text_for(tmp_path, small_images, "msiss")
    first, *sigmas = map(str, scales.SIGMAS)
    for part in (
        f"sigma {', '.join([first, *sigmas[:-1]])} and {sigmas[-1]} pixels",
        f"the {network.FEATURES} features",
        f"three layers of {network.CHANNELS} channels, then {network.FLAT_CHANNELS} channels",
    ):
        assert part in text


def test_a_run_of_another_version_is_described_with_a_warning(tmp_path, small_images, monkeypatch):
    assert "another version" not in text_for(tmp_path, small_images, "msiss")
    monkeypatch.setattr("msiss.share.methods.method_version", lambda: "other code")
    assert text_for(tmp_path, small_images, "msiss").startswith(
        "Note: this run was trained by another version of msiss"
    )


def test_without_neighbours_none_are_told(tmp_path, small_images):
    text = text_for(tmp_path, small_images, "msiss", **{"spatial.near_ions": 0})
    assert "Dwibedi" not in text.partition("References")[0]


def test_it_is_told_that_not_all_of_many_ions_vote(tmp_path, small_images):
    few = text_for(tmp_path, small_images, "msiss")
    many = small_images.subset(np.arange(3001) % 12)
    text = text_for(tmp_path / "many", many, "msiss")
    assert "3,000 of the ions; then each ion was assigned" in text
    assert f"its {consensus.JOIN_NEIGHBOURS} nearest neighbours" in text
    assert "3,000" not in few


@pytest.mark.parametrize("preset", list(presets(METHODS)))
def test_every_source_that_the_text_names_is_in_its_list(tmp_path, small_images, preset):
    text, _, listed = text_for(tmp_path, small_images, preset).partition("References: ")
    names = {"Hu", "Chen", "Tan", "Dwibedi", "Zelnik-Manor", "Fred", "Spearman", "Brown", "Ovchinnikova"}
    assert {name for name in names if re.search(rf"\b{name}\b", text)} == {
        name for name in names if f"{name}, " in listed
    }


@pytest.mark.parametrize(
    ("preset", "by", "k", "said"),
    [
        ("paper", None, None, "are those of the result of the training (CNN after self-labelling)."),
        ("paper", "self-labelled", 3, "are those of the result of the training (CNN after self-labelling)."),
        ("paper", None, 5, "shown are spectral clusters by: CNN after self-labelling (7 nearest neighbours); the"),
        ("paper", "bands", None, "shown are spectral clusters by: Bands (coarse to fine structures) (7 nearest"),
        ("msiss", None, 5, "The 5 clusters shown are consensus clusters by: msiss (trained); the training itself"),
        ("msiss", "bands", 5, "The 5 clusters shown are consensus clusters by: Bands"),
    ],
)
def test_it_is_told_which_clusters_are_shown_and_how_they_came_about(tmp_path, small_images, preset, by, k, said):
    config = preset_config(preset, clusters=3, neighbours=7)
    run = Run.create(tmp_path / "run", dataset=tmp_path, fingerprint=small_images.fingerprint, config=config)
    text = methods_text(run, small_images, None if by is None else by, k)
    assert said in text
    assert ("was done with 3 clusters" in text) == (k == 5)


def judged(run, **more):
    comparisons = [{"representation": "bands", "mean": 0.1, "low": 0.01, "high": 0.2}]
    rows = {name: {"pairs": {}} for name in ("msiss", "bands", "joint", "hub-corrected")}
    found = {
        "pairs": {"all": {"n": 61, "by_chance": 2.6}},
        "tolerance": {"ppm": 5.0, "least": 0.001},
        "molecules": 20,
        "copies": 7,
        "representations": rows,
        "differences": [],
        "advice": {
            "neighbours": {"prior": "joint", "comparisons": []},
            "clusters": {"prior": "hub-corrected", "comparisons": comparisons},
        },
    } | more
    (run.path / "results" / "evidence.json").write_text(json.dumps(found), encoding="utf-8")


def test_pairs_are_told_with_their_tolerance_chance_and_what_they_advise(finished_run, small_images):
    judged(finished_run)
    assert (
        "The representations were compared by 61 pairs of isotopes and adducts (differences of m/z within 5 ppm, or "
        "0.001 Th if that is more; about 3 expected by chance), without 7 ion images equal to another one. By the data "
        "alone msiss advised, to find similar ions: Joint measure (four together); to group ions: Bands (coarse to "
        "fine structures)."
    ) in methods_text(finished_run, small_images)
    judged(finished_run, pairs=None, copies=0)
    assert (
        "could not be compared by pairs of isotopes and adducts, which this axis does not tell. By the data alone "
        "msiss advised, to find similar ions: Joint measure (four together); to group ions: Image vectors, without "
        "hubs."
    ) in methods_text(finished_run, small_images)


def test_a_run_that_was_not_judged_so_has_no_advice(finished_run, small_images, tmp_path):
    assert "advised" not in methods_text(finished_run, small_images)
    assert "advised" not in text_for(tmp_path, small_images)
