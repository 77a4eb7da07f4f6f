"""Arrays that are not where, or not what, the header says."""

import re

import numpy as np
import pytest
from helpers import read_ions

from msiss.data.formats import budget as budgets
from msiss.data.formats.imzml.reader import write_imzml
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
    "into the identity": (
        'external offset" value="16"',
        'external offset" value="8"',
        "at byte 8 of .* the UUID",
    ),
    "over another array": ('external offset" value="136"', 'external offset" value="140"', "over the end of another"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_headers_that_do_not_fit_the_arrays_are_refused(imzml, edit, refuses, damage) -> None:
    old, new, message = DAMAGED[damage]
    edit(imzml, old, new)
    refuses(imzml, message)


def test_spectra_with_fewer_bytes_are_to_be_exported_again(tmp_path, continuous_spectra, refuses) -> None:
    """The header gives the length of the axis to a spectrum of which fewer intensities were written."""
    path = tmp_path / "good.imzML"
    write_imzml(path, continuous_spectra, mode="continuous")
    text, ibd = path.read_text(encoding="utf-8"), path.with_suffix(".ibd")
    last = text.rindex('encoded length" value="60"')
    path.write_text(text[:last] + text[last:].replace("60", "56", 1), encoding="utf-8")
    ibd.write_bytes(ibd.read_bytes()[:-4])
    refuses(path, r"share one list of 15 m/z, .* 1 spectrum of another length, .* with 14 intensities.* processed mode")


def test_unused_bytes_are_warned_of(imzml) -> None:
    with imzml.with_suffix(".ibd").open("ab") as ibd:
        ibd.write(bytes(1000))
    with pytest.warns(MsissWarning) as caught:
        read_ions(imzml, mz=np.array([150.02]))
    messages = [str(warning.message) for warning in caught]
    assert any("refers to 3,256 of the 4,256 bytes of good.ibd" in message for message in messages)


def test_spectra_with_the_intensities_of_others_are_warned_of(imzml) -> None:
    text = imzml.read_text()
    offsets = re.findall(r'external offset" value="(\d+)"', text)
    imzml.write_text(text.replace(f'offset" value="{offsets[7]}"', f'offset" value="{offsets[3]}"'))
    row = next(row for row in check(imzml).rows if row.check == "ibd layout")
    assert row.level == "warning"
    assert "to 1 spectrum: spectrum 4 (pixel x=6, y=2) has those of spectrum 2 (pixel x=4, y=2)" in row.found


def test_bytes_of_arrays_that_are_ignored_are_used(imzml) -> None:
    """As of charges or signal to noise, which programs write beside m/z and intensities."""
    ibd = imzml.with_suffix(".ibd")
    size = ibd.stat().st_size
    ibd.write_bytes(ibd.read_bytes() + bytes(2000))
    terms = (
        ("MS:1000516", "charge array", ""),
        ("IMS:1000103", "external array length", 500),
        ("IMS:1000104", "external encoded length", 2000),
        ("IMS:1000102", "external offset", size),
    )
    charges = "".join(f'<cvParam accession="{one}" name="{name}" value="{value}"/>' for one, name, value in terms)
    third = f"<binaryDataArray>{charges}<binary/></binaryDataArray></binaryDataArrayList>"
    imzml.write_text(imzml.read_text().replace("</binaryDataArrayList>", third, 1))
    row = next(row for row in check(imzml).rows if row.check == "ibd layout")
    assert (row.level, row.found) == ("pass", f"good.ibd has {size + 2000:,} bytes; {size + 2000:,} are used.")


@pytest.mark.parametrize(("places", "found"), [((3,), "1 spectrum"), ((3, 7), "2 spectra"), ((2, 3), "1 spectrum")])
def test_spectra_of_other_lengths_in_continuous_mode_are_to_be_exported_again(
    tmp_path, continuous_spectra, refuses, places, found
) -> None:
    """As i2nca and others write them; in the last case, the header gives the length of the m/z in the same way."""
    path = tmp_path / "good.imzML"
    write_imzml(path, continuous_spectra, mode="continuous")
    parts = re.split('(?<=array length" value=)"15"', path.read_text(encoding="utf-8"))
    text = "".join(f'"{14 if n - 1 in places else 15}"{part}' if n else part for n, part in enumerate(parts))
    path.write_text(text, encoding="utf-8")
    refuses(path, rf"share one list of 15 m/z, .* {found} of another length, .* with 14 intensities.* processed mode")
    stop = next(row for row in check(path).rows if row.level == "stop")
    assert "opy" not in stop.text  # no copy of the files is any better


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
