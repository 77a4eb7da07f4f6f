"""A training that starts from the encoder of another one."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from msiss.errors import RunError, SettingError
from msiss.learn.methods import preset_config
from msiss.learn.paper.encoders import LITE0, build_encoder
from msiss.learn.paper.start import keep_start, start_file, start_from
from msiss.learn.paper.text import text


def trained(tmp_path, encoder, scale=0.5):
    """Write weights as a run has them, all those of the encoder scaled."""
    model = nn.ModuleDict({"encoder": encoder, "classifier": nn.Linear(1280, 3)})
    file = tmp_path / "weights.safetensors"
    save_file({name: (scale * each).to(each.dtype).contiguous() for name, each in model.state_dict().items()}, file)
    return file


def config(name):
    return preset_config("quick", clusters=3, start=name)


@pytest.fixture
def encoder():
    return build_encoder(LITE0)


@pytest.mark.usefixtures("msiss_home")
def test_the_encoder_gets_the_weights_that_are_named_by_their_hash(tmp_path, encoder):
    before = {name: each.clone() for name, each in encoder.state_dict().items()}
    file = trained(tmp_path, encoder)
    name = keep_start(file)
    assert name == hashlib.sha256(file.read_bytes()).hexdigest() == keep_start(file)
    file.unlink()  # the earlier training is deleted
    start_from(encoder, config(name))
    for part, each in encoder.state_dict().items():
        assert torch.equal(each, (0.5 * before[part]).to(each.dtype)), part


@pytest.mark.usefixtures("msiss_home")
def test_without_a_name_nothing_changes(encoder):
    before = {name: each.clone() for name, each in encoder.state_dict().items()}
    start_from(encoder, config(""))
    assert all(torch.equal(each, before[name]) for name, each in encoder.state_dict().items())


@pytest.mark.usefixtures("msiss_home")
def test_weights_that_are_gone_damaged_or_of_another_network_are_refused_in_words(tmp_path, encoder):
    with pytest.raises(RunError, match="Choose the earlier training again"):
        start_from(encoder, config("0" * 64))
    name = keep_start(trained(tmp_path, encoder))
    start_file(name).write_bytes(start_file(name).read_bytes() + b" ")
    with pytest.raises(RunError, match="are damaged"):
        start_from(encoder, config(name))
    other = keep_start(trained(tmp_path, nn.Conv2d(1, 2, 3)))
    with pytest.raises(RunError, match="not those of the encoder efficientnet-lite0"):
        start_from(encoder, config(other))
    with pytest.raises(RunError, match="cannot be copied"):
        keep_start(tmp_path / "missing")


def test_only_a_hash_is_a_name():
    with pytest.raises(SettingError, match="start"):
        config("../weights")
    assert config("a" * 64).start == "a" * 64


def test_the_methods_text_and_the_identity_tell_of_it():
    name = "b" * 64
    assert f"(weights with the SHA-256 {name})" in text(config(name), 10)
    assert "SHA-256" not in text(config(""), 10)
    assert config(name).model_dump_json() != config("").model_dump_json()
