"""Checkpoints: one file per phase, replaced after every epoch, without pickle."""

from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

_MODEL, _OPTIMIZER = "model.", "optimizer."


def save_checkpoint(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer, *, epochs_done: int) -> None:
    """Replace the checkpoint `file` atomically, so that a complete one remains if the process is killed."""
    tensors = {_MODEL + name: tensor for name, tensor in model.state_dict().items()}
    for number, state in optimizer.state_dict()["state"].items():
        tensors |= {f"{_OPTIMIZER}{number}.{name}": tensor for name, tensor in state.items()}
    file.parent.mkdir(exist_ok=True)  # without parents: fails if the run was deleted meanwhile
    unfinished = file.with_suffix(".unfinished")
    save_file(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        unfinished,
        metadata={"epochs_done": str(epochs_done)},
    )
    unfinished.replace(file)


def load_checkpoint(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Load the checkpoint into model and optimizer, and return the number of completed epochs.

    Returns 0 and changes nothing if there is no checkpoint.
    """
    if not file.exists():
        return 0
    with safe_open(file, framework="pt") as stored:
        epochs_done = int(stored.metadata()["epochs_done"])
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a dict
    model.load_state_dict({n.removeprefix(_MODEL): t for n, t in tensors.items() if n.startswith(_MODEL)})
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(_OPTIMIZER):
            number, key = name.removeprefix(_OPTIMIZER).split(".")
            parameter = parameters[int(number)]
            if tensor.shape == parameter.shape:  # a fused optimizer needs both in the same memory format
                tensor = torch.empty_like(parameter, device="cpu").copy_(tensor)
            state.setdefault(int(number), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return epochs_done
