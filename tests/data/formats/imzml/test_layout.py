"""Arrays that are not where, or not what, the header says."""

import re

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats import budget as budgets
from msiss.data.formats.imzml.reader import open_imzml
from msiss.data.health import check
from msiss.errors import MsissWarning

pytestmark = pytest.mark.filterwarnings("ignore:.*[Aa]ccession:UserWarning")

# What is replaced in a good header, by what, and what the refusal says.
DAMAGED = {
    "numpress": ("MS:1000576", "MS:1002312", "numpress linear prediction"),
    "other length": ('array length" value="15"', 'array length" value="14"', "14 m/z, 15 intensities"),
    "negative length": ('array length" value="15"', 'array length" value="-15"', "impossible length -15"),
    "past the end": ('external offset" value="136"', 'external offset" value="9999"', "at bytes 9,999"),
    "huge offset": ('external offset" value="136"', f'external offset" value="{2**63 - 9}"', "cannot be read"),
    "into the identity": ('external offset" value="16"', 'external offset" value="8"', "at bytes 8 to"),
    "over another array": ('external offset" value="136"', 'external offset" value="140"', "over the end of another"),
    "wrong type": (
        'accession="MS:1000523" name="64-bit float"',
        'accession="MS:1000521" name="32-bit float"',
        "15 values of the declared number type are 60 or 60 bytes, but it gives 120",
    ),
    "no type": ("MS:1000523", "MS:1000040", "no single number type"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_headers_that_do_not_fit_the_arrays_are_refused(imzml, edit, refuses, damage) -> None:
    old, new, message = DAMAGED[damage]
    edit(imzml, old, new)
    refuses(imzml, message)


def test_unused_bytes_are_warned_of(imzml) -> None:
    with imzml.with_suffix(".ibd").open("ab") as ibd:
        ibd.write(bytes(1000))
    with pytest.warns(MsissWarning) as caught:
        read_ions(imzml, mz=np.array([150.02]))
    messages = [str(warning.message) for warning in caught]
    assert any("refers to 3,256 of the 4,256 bytes of good.ibd" in message for message in messages)


def test_a_file_without_identity_is_read_with_a_warning(imzml, edit) -> None:
    edit(imzml, "IMS:1000080", "IMS:1000099")
    with pytest.warns(MsissWarning, match="gives no UUID"):
        assert len(read_ions(imzml, mz=np.array([150.02]))) == 1


def test_identity_in_the_byte_order_of_windows(imzml) -> None:
    identity = open_imzml(imzml).uuid.strip("{}").replace("-", "")
    data = bytearray(imzml.with_suffix(".ibd").read_bytes())
    assert data[:16].hex() == identity
    data[:16] = bytes(data[i] for i in (3, 2, 1, 0, 5, 4, 7, 6, *range(8, 16)))
    imzml.with_suffix(".ibd").write_bytes(data)
    assert len(read_ions(imzml, mz=np.array([150.02]))) == 1


def test_the_checksum_is_compared_on_request_only(imzml) -> None:
    def row(*, checksum: bool):
        return next(row for row in check(imzml, checksum=checksum).rows if row.check == "checksum")

    assert "not asked for" in row(checksum=False).found
    assert row(checksum=True).found == "good.ibd is unchanged since it was written (sha1)."
    data = bytearray(imzml.with_suffix(".ibd").read_bytes())
    data[-1] ^= 1
    imzml.with_suffix(".ibd").write_bytes(data)
    assert row(checksum=False).level == "pass"
    assert row(checksum=True).level == "warning"


@pytest.mark.parametrize("packed", [False, True])
def test_bytes_that_are_given_to_many_spectra_are_refused(imzml, refuses, monkeypatch, packed) -> None:
    # All spectra have the arrays of the first one, so that a small file has more values than fit into any memory.
    text = imzml.read_text(encoding="utf-8")
    for name, first in (("mz", 16), ("intensity", 136)):
        assert f'external offset" value="{first}"' in text, name
    text = re.sub(r'(array length" value=)"\d+"', r'\1"15"', text)
    text = re.sub(r'(encoded length" value=)"\d+"', r'\1"-1"', text)
    places = iter([16, 136] * 1000)
    text = re.sub(r'(external offset" value=)"\d+"', lambda found: f'{found[1]}"{next(places)}"', text)
    if packed:
        text = text.replace("MS:1000576", "MS:1000574")
    imzml.write_text(text, encoding="utf-8")
    monkeypatch.setattr(budgets, "LEAST", 100)
    monkeypatch.setattr(budgets, "MOST_TIMES", 0.1)
    refuses(imzml, "it gives the same bytes to many spectra")


def test_a_spectrum_that_does_not_fit_into_the_memory_is_refused(imzml, refuses, monkeypatch) -> None:
    monkeypatch.setattr(budgets, "memory", lambda: 100)
    refuses(imzml, "The longest spectra would take")
