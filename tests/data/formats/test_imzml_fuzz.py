"""Files damaged at random: nothing but an error that users understand, soon, and without memory by declared size."""

import re
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats.imzml import write_imzml
from msiss.data.health import check
from msiss.errors import MsissError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

MOST_BYTES, MOST_SECONDS = 200e6, 10
NUMBERS = (b"-1", b"0", b"1e9", b"9" * 18, b"9" * 30, b"nan", b"", b"0x10", b"1e400", b"2.5")

Damage = Callable[[bytes, np.random.Generator], bytes]


def overwrite(data: bytes, rng: np.random.Generator) -> bytes:
    start, length = int(rng.integers(len(data))), int(rng.choice([1, 3, 40, 1000]))
    return data[:start] + rng.bytes(length) + data[start + length :]


def cut_out(data: bytes, rng: np.random.Generator) -> bytes:
    start, length = int(rng.integers(len(data))), int(rng.choice([1, 8, 200, 5000]))
    return data[:start] + data[start + length :]


def cut_off(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data)))]


def repeat(data: bytes, rng: np.random.Generator) -> bytes:
    start, length = int(rng.integers(len(data))), int(rng.choice([8, 200, 5000]))
    return data[: start + length] + data[start:]


def other_number(header: bytes, rng: np.random.Generator) -> bytes:
    """Replace the value of a term in the header."""
    values = list(re.finditer(rb'value="([^"]*)"', header))
    start, stop = values[int(rng.integers(len(values)))].span(1)
    return header[:start] + NUMBERS[int(rng.integers(len(NUMBERS)))] + header[stop:]


def without_an_element(header: bytes, rng: np.random.Generator) -> bytes:
    elements = list(re.finditer(rb"<(cvParam|referenceableParamGroupRef)[^>]*/>", header))
    start, stop = elements[int(rng.integers(len(elements)))].span()
    return header[:start] + header[stop:]


def with_an_element_twice(header: bytes, rng: np.random.Generator) -> bytes:
    elements = list(re.finditer(rb"<(cvParam|referenceableParamGroupRef)[^>]*/>", header))
    start, stop = elements[int(rng.integers(len(elements)))].span()
    return header[:stop] + header[start:]


ANY: tuple[Damage, ...] = (overwrite, cut_out, cut_off, repeat)
TO_HEADERS: tuple[Damage, ...] = (*ANY, other_number, other_number, without_an_element, with_an_element_twice)


@pytest.mark.parametrize("mode", ["processed", "continuous"])
@pytest.mark.parametrize("seed", range(3))
def test_random_damage_ends_in_nothing_worse_than_a_refusal(tmp_path, spectra, continuous_spectra, mode, seed) -> None:
    rng = np.random.default_rng(seed)
    good = tmp_path / "good.imzML"
    write_imzml(good, spectra if mode == "processed" else continuous_spectra, mode=mode, pixel_size=(20, 10))
    parts = {suffix: good.with_suffix(suffix).read_bytes() for suffix in (".imzML", ".ibd")}
    read_and_check(good)  # what is only done once, such as imports, counts for no damaged file
    refused = 0
    for trial in range(50):
        suffix = (".imzML", ".imzML", ".ibd")[trial % 3]
        choices = TO_HEADERS if suffix == ".imzML" else ANY
        damage = choices[int(rng.integers(len(choices)))]
        damaged = tmp_path / f"{trial}.imzML"
        for other, data in parts.items():
            damaged.with_suffix(other).write_bytes(damage(data, rng) if other == suffix else data)
        tracemalloc.start()
        started = time.monotonic()
        readable = read_and_check(damaged)
        assert time.monotonic() - started < MOST_SECONDS, f"{damage.__name__} of the {suffix}, trial {trial}"
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES, f"{damage.__name__} of the {suffix}, trial {trial}"
        tracemalloc.stop()
        refused += not readable
    assert 10 < refused < 50  # the damage is neither harmless nor always deadly


def read_and_check(path: Path) -> bool:
    """Return whether a file can be read, by a list and by picking, and see that the report says the same."""
    report = check(path)
    readable = True
    for mz in (np.array([150.02, 455.5]), None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                images = read_ions(path, mz=mz)
                assert np.isfinite(images.images).all()
                assert images.images.min() >= 0
            except MsissError:
                readable = False
            else:
                assert report.usable
    return readable
