"""The device that a run computes on, and its number formats."""

import torch

from msiss.errors import SettingError
from msiss.learn.config import Device


def resolve_device(device: Device) -> torch.device:
    """Return the device to compute on.

    Raises
    ------
    SettingError
        If the machine has no such device.
    """
    available = {
        Device.CUDA: torch.cuda.is_available(),
        Device.MPS: torch.backends.mps.is_available(),
        Device.CPU: True,
    }
    if device == Device.AUTO:
        device = next(candidate for candidate, there in available.items() if there)
    if not available[device]:
        raise SettingError(
            f"device: this machine has no {device.upper()} device that torch can use. Choose auto or cpu."
        )
    return torch.device(device.value)


def knows_bfloat16(device: torch.device) -> bool:
    """Return whether the device supports bfloat16 natively; if it is emulated, float32 is faster."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    known = bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
    return device.type == "cpu" and known and torch.backends.mkldnn.is_available()


def device_title(device: torch.device) -> str:
    """Return the name of the device on screen."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
