"""The exported encoder: its file, its text, and that what they tell the reader to do works."""

import json
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import run_example
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from msiss.data.prepare import prepare
from msiss.errors import RunError
from msiss.learn.methods import METHODS, preset_config
from msiss.learn.spatial.network import PlaceNetwork
from msiss.learn.spatial.views import box
from msiss.runs.store import Run
from msiss.share import encoder
from msiss.share.material import gather


@pytest.fixture
def run(finished_run: Run, small_images) -> Run:
    """Return the finished run as one of the method msiss, with weights."""
    config = preset_config("msiss", clusters=3).with_settings({"prepare.normalisation": "rms"})
    finished_run.request = finished_run.request.model_copy(update={"config": config})
    results = finished_run.path / "results"
    clusters = finished_run.clusters()
    clusters.assign(msiss=clusters["self-labelled"]).to_parquet(results / "clusters.parquet", index=False)
    np.save(results / "features" / "msiss.npy", finished_run.features("self-labelled"))
    mask = prepare(small_images, config.prepare).mask
    rows, columns = box(torch.from_numpy(mask))
    torch.manual_seed(0)
    weights = PlaceNetwork((rows.stop - rows.start, columns.stop - columns.start)).state_dict()
    save_file({name: tensor.numpy() for name, tensor in weights.items()}, results / "weights.safetensors")
    return finished_run


def test_the_text_and_the_header_tell_how_to_use_it_and_that_works(run: Run, small_images, tmp_path: Path) -> None:
    told = replace(small_images, about={"Instrument": "Q Exactive HF"})
    encoder.write(gather(run, images=told), tmp_path / "encoder.safetensors")
    with safe_open(tmp_path / "encoder.safetensors", framework="np") as file:
        header = file.metadata()
    assert header["architecture"] == "PlaceNetwork"
    assert (header["side"], header["method_version"]) == ("32", run.request.method)
    assert json.loads(header["preparation"]) == run.config.prepare.model_dump()
    text = (tmp_path / "encoder.txt").read_text()
    assert textwrap.indent(header["example"], "    ") in text
    assert textwrap.fill(header["gives"], 100) in text
    assert "RMS-normalised" in text
    assert json.loads(header["about"]) == {"Instrument": "Q Exactive HF"}
    assert "\n\nThe file of the images says: instrument: Q Exactive HF.\n\n" in text
    tensors = load_file(tmp_path / "encoder.safetensors")
    # The images of the check are those of the training, prepared in the company of all others.
    prepared = prepare(small_images, run.config.prepare)
    np.testing.assert_array_equal(tensors["check.images"], prepared.images[:4, None])
    found = run_example(header["example"], tmp_path, tensors["check.images"][:, 0])
    np.testing.assert_allclose(found, tensors["check.features"], atol=1e-5)


@pytest.mark.parametrize("normalisation", ["none", "tic", "median"])
def test_few_images_are_prepared_as_all_are(small_images, normalisation: str) -> None:
    images = replace(small_images, tic=small_images.images.sum(axis=0) + 5) if normalisation == "tic" else small_images
    config = preset_config("msiss", clusters=3).with_settings({"prepare.normalisation": normalisation}).prepare
    np.testing.assert_array_equal(encoder._prepared(images, config).images, prepare(images, config).images[:4])


def test_what_cannot_be_exported_says_why(run: Run, monkeypatch) -> None:
    assert encoder.lacks(gather(run)) == ""
    weights = run.path / "results" / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:100])
    with pytest.raises(RunError, match=r"weights\.safetensors is missing or damaged"):
        encoder.write(gather(run), run.path / "encoder.safetensors")
    weights.unlink()
    assert encoder.lacks(gather(run)) == "The weights of this run are missing."
    weights.write_bytes(content)
    method = METHODS["msiss"]
    monkeypatch.setitem(METHODS._records, "msiss", replace(method, encoder=""))
    assert encoder.lacks(gather(run)) == "The method msiss of this run has no encoder that other programs could use."
