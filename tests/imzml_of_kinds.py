"""Small imzML files with spectra of several kinds, and with ion mobility, as instruments and converters write them."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from msiss.data.formats.imzml.writer import write_imzml

POSITIVE = '<cvParam cvRef="MS" accession="MS:1000130" name="positive scan" value=""/>'
NEGATIVE = '<cvParam cvRef="MS" accession="MS:1000129" name="negative scan" value=""/>'
MS1 = '<cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="1"/>'
MS2 = '<cvParam cvRef="MS" accession="MS:1000511" name="ms level" value="2"/>'


def isolated(mz: float) -> str:
    """Return the precursor of a spectrum."""
    return (
        '<precursorList count="1"><precursor><isolationWindow><cvParam cvRef="MS" accession="MS:1000827" '
        f'name="isolation window target m/z" value="{mz}"/></isolationWindow></precursor></precursorList>'
    )


def drift(value: float) -> str:
    """Return the ion mobility of a whole spectrum."""
    return f'<cvParam cvRef="MS" accession="MS:1002815" name="inverse reduced ion mobility" value="{value}"/>'


def write_kinds(path: Path, spectra: Sequence[tuple], *, group: str = "", content: str = "", **how) -> Path:
    """Write spectra (x, y, m/z, intensities, text), of which each has the text in it, and all that of the group."""
    write_imzml(path, [one[:4] for one in spectra], **how)
    before, *entries = path.read_text().split("<spectrum ")
    before = before.replace("<fileContent>", f"<fileContent>{content}")
    before = before.replace('id="spectrum">', 'id="spectrum">' + group)
    pieces = [one.replace("<scanList", text + "<scanList", 1) for one, (*_, text) in zip(entries, spectra, strict=True)]
    path.write_text("<spectrum ".join([before, *pieces]))
    return path


def add_mobility(path: Path, mobility: Sequence, *, packed: bool = False, shared: bool = False) -> None:
    """Add an array of ion mobilities to each spectrum, `shared` by all of them or compressed."""
    ibd = path.with_suffix(".ibd")
    kind = '<cvParam cvRef="MS" accession="MS:1000574" name="zlib compression" value=""/>'
    group = (
        '<referenceableParamGroup id="mobilityArray"><cvParam cvRef="MS" accession="MS:1003006" '
        'name="mean inverse reduced ion mobility array" value=""/><cvParam cvRef="MS" accession="MS:1000523" '
        f'name="64-bit float" value=""/>{kind if packed else ""}</referenceableParamGroup>'
    )
    before, *entries = path.read_text().split("</binaryDataArrayList>")
    pieces, offset = [], 0
    for number, values in enumerate(mobility):
        data = np.asarray(values, dtype="<f8").tobytes()
        data = zlib.compress(data) if packed else data
        if not (shared and number):
            offset = ibd.stat().st_size
            with ibd.open("ab") as file:
                file.write(data)
        pieces.append(
            '<binaryDataArray encodedLength="0"><referenceableParamGroupRef ref="mobilityArray"/>'
            f'<cvParam cvRef="IMS" accession="IMS:1000103" name="external array length" value="{len(values)}"/>'
            f'<cvParam cvRef="IMS" accession="IMS:1000104" name="external encoded length" value="{len(data)}"/>'
            f'<cvParam cvRef="IMS" accession="IMS:1000102" name="external offset" value="{offset}"/><binary/>'
            "</binaryDataArray>"
        )
    text = before + "".join(f"{new}</binaryDataArrayList>{rest}" for new, rest in zip(pieces, entries, strict=True))
    path.write_text(text.replace("</referenceableParamGroupList>", group + "</referenceableParamGroupList>"))
