"""Writer of imzML 1.1 files, for simulated sections and tests."""

import hashlib
import math
import shutil
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

import numpy as np

from msiss.data.formats.imzml.terms import param, said
from msiss.data.stored_images import Polarity
from msiss.errors import DataError
from msiss.version import __version__

Spectrum = tuple[int, int, np.ndarray, np.ndarray]

_MODES = {"continuous": ("IMS:1000030", "continuous"), "processed": ("IMS:1000031", "processed")}
_TYPES = {"centroid": ("MS:1000127", "centroid spectrum"), "profile": ("MS:1000128", "profile spectrum")}
_POSITIVE, _NEGATIVE = ("MS:1000130", "positive scan"), ("MS:1000129", "negative scan")
_POLARITIES = {
    "positive": [_POSITIVE],
    "negative": [_NEGATIVE],
    "mixed": [_POSITIVE, _NEGATIVE],
    "unknown": [],
}


def write_imzml(
    path: Path,
    spectra: Iterable[Spectrum],
    *,
    mode: Literal["processed", "continuous"] = "processed",
    spectrum_type: Literal["centroid", "profile"] = "centroid",
    polarity: Polarity = "unknown",
    pixel_size: tuple[float, float] | None = None,
    about: Mapping[str, str] | None = None,
    stage: np.ndarray | None = None,
) -> None:
    """Write `path` and the .ibd file beside it, byte for byte reproducibly.

    Spectra are written as they are generated, so a file may exceed the memory. No incomplete files remain after errors.

    Parameters
    ----------
    path : Path
        The .imzML file; an existing one is replaced.
    spectra : iterable of (x, y, mz, intensity)
        Column and row of the pixel, counted from 1; m/z in Th, written as 64-bit floats; intensities of the same
        length, written as 32-bit floats. It is consumed once.
    mode : {"processed", "continuous"}
        In continuous mode all spectra must have the m/z of the first, which is written once.
    spectrum_type : {"centroid", "profile"}
        Type of the spectra.
    polarity : {"positive", "negative", "mixed", "unknown"}
        Unknown is left out of the file.
    pixel_size : tuple of two float, optional
        Height and width of a pixel in micrometres.
    about : mapping of str to str, optional
        What is known about the measurement, see `msiss.data.about`.
    stage : ndarray of shape (spectra, 2), optional
        Position x and y of each spectrum on the stage of the instrument; NaN is left out.

    Raises
    ------
    DataError
        If there are no spectra, or m/z and intensities of a spectrum have different lengths.
    """
    arrays, entries, header = (path.with_name(f".{path.name}.{part}") for part in ("ibd", "entries", "header"))
    try:
        with arrays.open("w+b") as ibd, entries.open("w+", encoding="utf-8") as listed:
            ibd.write(bytes(16))  # placeholder of the UUID, which is computed from the content
            number, box, digest = _write_arrays(ibd, listed, spectra, mode, stage)
            identity = uuid.UUID(bytes=digest.digest()[:16])
            ibd.seek(0)
            ibd.write(identity.bytes)
            ibd.flush()
            content = [
                param(*_TYPES[spectrum_type]),
                param(*_MODES[mode]),
                param("IMS:1000080", "universally unique identifier", f"{{{identity}}}"),
                param("IMS:1000091", "ibd SHA-1", _sha1(arrays)),
            ]
            group = [param("MS:1000579", "MS1 spectrum"), param(*_TYPES[spectrum_type])]
            group += [param(*term) for term in _POLARITIES[polarity]]
            known = said(about or {})
            text = _DOCUMENT.format(
                content="".join(content) + known.file,
                spectrum_group="".join(group),
                mz_group=_array_group("MS:1000514", "m/z array", "MS:1000523", "64-bit float"),
                intensity_group=_array_group("MS:1000515", "intensity array", "MS:1000521", "32-bit float"),
                settings=_settings(box, pixel_size) + known.settings,
                programs=1 + bool(known.software),
                measured_by=known.software,
                instrument=known.instrument,
                started=known.run,
                number=number,
                version=__version__,
            )
            before, _, after = text.partition(_ENTRIES)
            listed.seek(0)
            with header.open("w", encoding="utf-8") as file:
                file.write(before)
                shutil.copyfileobj(listed, file, 2**20)
                file.write(after)
        arrays.replace(path.with_suffix(".ibd"))
        header.replace(path)
    finally:
        for unfinished in (arrays, entries, header):
            unfinished.unlink(missing_ok=True)


def _write_arrays(
    ibd: BinaryIO, entries: TextIO, spectra: Iterable[Spectrum], mode: str, stage: np.ndarray | None
) -> tuple[int, tuple[int, int], "hashlib._Hash"]:
    """Write arrays and entries; return the number of spectra, the largest x and y, and a digest of the content."""
    digest = hashlib.sha256(mode.encode())
    axis: np.ndarray | None = None
    axis_offset = offset = 16
    number = right = bottom = 0
    for x, y, mz, intensity in spectra:
        mz, intensity = np.asarray(mz, dtype="<f8"), np.asarray(intensity, dtype="<f4")
        if mz.shape != intensity.shape or mz.ndim != 1:
            raise DataError(f"Pixel x={x}, y={y} has {mz.size} m/z but {intensity.size} intensities.")
        if mode == "continuous" and axis is not None:
            if mz is not axis and not np.array_equal(axis, mz):
                raise DataError(f"Pixel x={x}, y={y} has other m/z than the first; write it in processed mode.")
        else:
            axis, axis_offset = mz, offset
            offset += ibd.write(mz.tobytes())
            digest.update(mz.tobytes())
        if number:
            entries.write("\n")
        place = "" if stage is None else _on_stage(stage[number])
        number += 1
        entries.write(
            _ENTRY.format(number, number - 1, x, y, len(mz), 8 * len(mz), axis_offset, 4 * len(mz), offset, place)
        )
        values = intensity.tobytes()
        offset += ibd.write(values)
        digest.update(f"{x} {y}".encode() + values)
        right, bottom = max(right, int(x)), max(bottom, int(y))
    if not number:
        raise DataError("There are no spectra to write.")
    return number, (right, bottom), digest


def _on_stage(position: np.ndarray) -> str:
    """Return the terms for a position on the stage, by the names that other programs use, too."""
    return "".join(
        f'<userParam name="3DPosition{axis}" type="xsd:double" value="{value}"/>'
        for axis, value in zip("XY", position.tolist(), strict=True)
        if math.isfinite(value)
    )


def _sha1(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha1").hexdigest()


def _array_group(kind: str, name: str, type_: str, type_name: str) -> str:
    terms = [(kind, name), (type_, type_name), ("MS:1000576", "no compression")]
    return "".join(param(*term) for term in terms) + param("IMS:1000101", "external data", "true")


def _settings(box: tuple[int, int], pixel_size: tuple[float, float] | None) -> str:
    terms = [
        param("IMS:1000042", "max count of pixels x", box[0]),
        param("IMS:1000043", "max count of pixels y", box[1]),
    ]
    if pixel_size is not None:
        micrometre = ' unitCvRef="UO" unitAccession="UO:0000017" unitName="micrometer"'
        terms.append(param("IMS:1000046", "pixel size (x)", pixel_size[1], micrometre))
        terms.append(param("IMS:1000047", "pixel size y", pixel_size[0], micrometre))
    return "".join(terms)


def _array_entry(group: str, *fields: str) -> str:
    length, width, offset = fields
    return (
        f'<binaryDataArray encodedLength="0"><referenceableParamGroupRef ref="{group}"/>'
        + param("IMS:1000103", "external array length", length)
        + param("IMS:1000104", "external encoded length", width)
        + param("IMS:1000102", "external offset", offset)
        + "<binary/></binaryDataArray>"
    )


# One spectrum: its number from 1 and from 0, x, y, number of values, bytes and place of its m/z and its intensities,
# terms for its position on the stage.
_ENTRY = (
    '<spectrum id="Scan={0}" index="{1}" defaultArrayLength="0"><referenceableParamGroupRef ref="spectrum"/>'
    f'<scanList count="1">{param("MS:1000795", "no combination")}<scan>'
    f"{param('IMS:1000050', 'position x', '{2}')}{param('IMS:1000051', 'position y', '{3}')}{{9}}</scan></scanList>"
    f'<binaryDataArrayList count="2">{_array_entry("mz", "{4}", "{5}", "{6}")}'
    f"{_array_entry('intensity', '{4}', '{7}', '{8}')}</binaryDataArrayList></spectrum>"
)
_ENTRIES = "<!-- spectra -->"

_DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1">
<cvList count="3">
<cv id="MS" fullName="Proteomics Standards Initiative Mass Spectrometry Ontology" \
URI="https://raw.githubusercontent.com/HUPO-PSI/psi-ms-CV/master/psi-ms.obo"/>
<cv id="UO" fullName="Unit Ontology" URI="http://purl.obolibrary.org/obo/uo.obo"/>
<cv id="IMS" fullName="Mass Spectrometry Imaging Ontology" \
URI="https://raw.githubusercontent.com/imzML/imzML/master/imagingMS.obo"/>
</cvList>
<fileDescription><fileContent>{content}</fileContent></fileDescription>
<referenceableParamGroupList count="3">
<referenceableParamGroup id="mz">{mz_group}</referenceableParamGroup>
<referenceableParamGroup id="intensity">{intensity_group}</referenceableParamGroup>
<referenceableParamGroup id="spectrum">{spectrum_group}</referenceableParamGroup>
</referenceableParamGroupList>
<softwareList count="{programs}">{measured_by}<software id="msiss" version="{version}">\
<cvParam cvRef="MS" accession="MS:1000799" name="custom unreleased software tool" value="msiss"/>\
</software></softwareList>
<scanSettingsList count="1"><scanSettings id="settings">{settings}</scanSettings></scanSettingsList>
<instrumentConfigurationList count="1"><instrumentConfiguration id="instrument">\
{instrument}</instrumentConfiguration></instrumentConfigurationList>
<dataProcessingList count="1"><dataProcessing id="export"><processingMethod order="1" softwareRef="msiss">\
<cvParam cvRef="MS" accession="MS:1000544" name="Conversion to mzML" value=""/></processingMethod></dataProcessing>\
</dataProcessingList>
<run id="run" defaultInstrumentConfigurationRef="instrument"{started}>
<spectrumList count="{number}" defaultDataProcessingRef="export">
<!-- spectra -->
</spectrumList>
</run>
</mzML>
"""
