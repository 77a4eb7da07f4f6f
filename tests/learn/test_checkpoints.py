"""Checkpoints bring back the model and the optimizer to the last bit."""

from pathlib import Path

import torch
from torch import nn

from msiss.learn.checkpoints import load_checkpoint, save_checkpoint


def model_and_optimizer(seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)).to(memory_format=torch.channels_last)
    return model, torch.optim.Adam(model.parameters(), lr=0.1, fused=True)


def step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(torch.linspace(0, 1, 150).view(2, 3, 5, 5)).square().sum().backward()
    optimizer.step()


def test_training_goes_on_as_if_never_interrupted(tmp_path: Path) -> None:
    model, optimizer = model_and_optimizer(0)
    step(model, optimizer)
    save_checkpoint(tmp_path / "new" / "phase.safetensors", model, optimizer, epochs_done=1)
    step(model, optimizer)
    other, other_optimizer = model_and_optimizer(1)
    assert load_checkpoint(tmp_path / "new" / "phase.safetensors", other, other_optimizer) == 1
    step(other, other_optimizer)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["phase.safetensors"]


def test_no_checkpoint_changes_nothing(tmp_path: Path) -> None:
    model, optimizer = model_and_optimizer(0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert load_checkpoint(tmp_path / "none.safetensors", model, optimizer) == 0
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
