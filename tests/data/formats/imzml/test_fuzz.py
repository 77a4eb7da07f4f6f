"""Files damaged at random: nothing but an error that users understand, soon, and without memory by declared size."""

import re
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from helpers import read_ions
from pyimzml.compression import ZlibCompression
from pyimzml.ImzMLWriter import ImzMLWriter

from msiss.data.formats.imzml.reader import write_imzml
from msiss.data.health import check
from msiss.errors import MsissError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

MOST_BYTES = 200e6
TRIALS = 24
WRONG = (b"\xff" * 4, b"\0\0\xc0\x7f", b"\xff\xff\x7f\x7f", b"\xff\xff\x7f\xff", bytes(4))
NUMBERS = (b"-1", b"0", b"1e9", b"9" * 18, b"9" * 30, b"nan", b"", b"0x10", b"1e400", b"2.5")

Damage = Callable[[bytes, np.random.Generator], bytes]
Spectrum = tuple[int, int, np.ndarray, np.ndarray]


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


def wrong_values(ibd: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite some values, whatever their type, by what no spectrum holds."""
    values = bytearray(ibd)
    for _ in range(int(rng.integers(1, 20))):
        start = int(rng.integers(16, max(17, len(values) - 4))) // 4 * 4
        values[start : start + 4] = WRONG[int(rng.integers(len(WRONG)))]
    return bytes(values)


def without_a_spectrum(header: bytes, rng: np.random.Generator) -> bytes:
    spectra = list(re.finditer(rb"<spectrum .*?</spectrum>", header, re.DOTALL))
    start, stop = spectra[int(rng.integers(len(spectra)))].span()
    return header[:start] + header[stop:]


ANY: tuple[Damage, ...] = (overwrite, cut_out, cut_off, repeat)
TO_IBD: tuple[Damage, ...] = (*ANY, wrong_values, wrong_values)
TO_HEADERS: tuple[Damage, ...] = (
    *(*ANY, other_number, other_number),
    *(without_an_element, with_an_element_twice, without_a_spectrum),
)


def write_good(path: Path, kind: str, spectra: Sequence[Spectrum], continuous: Sequence[Spectrum]) -> None:
    if kind == "zlib":
        packed = ZlibCompression()
        with ImzMLWriter(str(path), mz_compression=packed, intensity_compression=packed) as writer:
            for x, y, mz, intensity in spectra:
                writer.addSpectrum(mz, intensity, (x, y))
    elif kind == "integers":
        with ImzMLWriter(str(path), intensity_dtype=np.int32) as writer:
            for x, y, mz, intensity in spectra:
                writer.addSpectrum(mz, np.floor(intensity), (x, y))
    elif kind == "continuous":
        write_imzml(path, continuous, mode="continuous", pixel_size=(20, 10))
    else:
        write_imzml(path, spectra, pixel_size=(20, 10))


@pytest.mark.parametrize("kind", ["processed", "continuous", "zlib", "integers", "UTF-16"])
def test_random_damage_ends_in_nothing_worse_than_a_refusal(tmp_path, spectra, continuous_spectra, kind) -> None:
    rng = np.random.default_rng(len(kind))
    good = tmp_path / "good.imzML"
    write_good(good, kind, spectra, continuous_spectra)
    parts = {suffix: good.with_suffix(suffix).read_bytes() for suffix in (".imzML", ".ibd")}
    assert read_and_check(good)  # what is only done once, such as imports, counts for no damaged file
    refused = 0
    for trial in range(TRIALS):
        suffix = (".imzML", ".imzML", ".ibd")[trial % 3]
        choices = TO_HEADERS if suffix == ".imzML" else TO_IBD
        damage = choices[int(rng.integers(len(choices)))]
        damaged = tmp_path / f"{trial}.imzML"
        for other, data in parts.items():
            damaged.with_suffix(other).write_bytes(damage(data, rng) if other == suffix else data)
        if kind == "UTF-16":
            text = damaged.read_bytes().decode("utf-8", "replace").replace("utf-8", "utf-16")
            damaged.write_bytes(text.encode("utf-16"))
        tracemalloc.start()
        readable = read_and_check(damaged)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES, f"{damage.__name__} of the {suffix}, trial {trial}"
        tracemalloc.stop()
        refused += not readable
    assert TRIALS / 5 < refused < TRIALS  # the damage is neither harmless nor always deadly


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
