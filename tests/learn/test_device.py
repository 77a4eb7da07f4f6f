"""Devices: what is there is taken, what is not there is said."""

import pytest
import torch

from msiss.errors import SettingError
from msiss.learn.config import Device
from msiss.learn.device import device_title, knows_bfloat16, resolve_device


@pytest.fixture(params=[(False, False), (False, True), (True, False), (True, True)])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, bool]:
    cuda, mps = request.param
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    return cuda, mps


def test_auto_takes_the_fastest_there_is(machine: tuple[bool, bool]) -> None:
    cuda, mps = machine
    expected = "cuda" if cuda else "mps" if mps else "cpu"
    assert resolve_device(Device.AUTO).type == expected


def test_a_missing_device_is_named(machine: tuple[bool, bool]) -> None:
    for device, there in zip((Device.CUDA, Device.MPS), machine, strict=True):
        if there:
            assert resolve_device(device).type == device
        else:
            with pytest.raises(SettingError, match=f"no {device.upper()} device"):
                resolve_device(device)


def test_titles() -> None:
    assert device_title(torch.device("cpu")) == "CPU"


@pytest.mark.parametrize("known", [True, False])
def test_a_cpu_computes_in_bfloat16_only_where_it_knows_it(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": known})
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert knows_bfloat16(torch.device("cpu")) == known
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not knows_bfloat16(torch.device("cpu"))


def test_a_cpu_of_another_kind_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"architecture": "aarch64"})
    assert not knows_bfloat16(torch.device("cpu"))


@pytest.mark.parametrize("known", [True, False])
def test_an_old_gpu_that_emulates_bfloat16_does_not_know_it(known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: known or including_emulation)
    assert knows_bfloat16(torch.device("cuda")) == known
    assert not knows_bfloat16(torch.device("mps"))
