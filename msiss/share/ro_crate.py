"""An RO-Crate of a run: its folder with a description that repositories and workflow tools read.

The description follows RO-Crate 1.1 (w3id.org/ro/crate/1.1) and its profile for runs of one program, Process Run Crate
0.5 (w3id.org/ro/wfrun/process/0.5). It tells what is known and nothing else: no person, no licence, and of the data set
its name, its fingerprint and what its file says about the measurement.
"""

import json
import mimetypes
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from msiss.data.cells import to_csv
from msiss.data.progress import Progress, ignore, part
from msiss.errors import DataError
from msiss.learn.methods import METHODS
from msiss.runs.run_files import files_of, kind_of
from msiss.share.material import Material
from msiss.share.methods import methods_text
from msiss.version import __version__

METADATA = "ro-crate-metadata.json"
SOFTWARE = "#msiss"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".npy": "application/octet-stream",
    ".npz": "application/octet-stream",
    ".jsonl": "application/jsonl",
    ".safetensors": "application/octet-stream",
}
ABOUT = {
    "request": "Settings of the run, fingerprint of its data set and version of the method",
    "status": "State, device, start and end of the run",
    "label": "Name, note and tags that a person gave the run",
    "events": "Events of the training, one JSON object a line",
    "decisions": "What people decided about the clusters, one JSON object a line",
    "evidence": "Scores of each representation that need no known classes",
    "clusters": "Cluster of each ion by each representation, as trained",
    "maps": "Position of each ion on each map",
    "history": "How the clusters changed during the training",
    "weights": "Weights of the trained network",
    "features": "Vector of each ion by one representation",
    "regrouped": "Clusters in another number",
}
_SMALLER = (".json", ".jsonl", ".npy", ".csv", ".txt")


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:
    """Write the crate as a zip archive, file by file.

    Beside the files of the run it has the clusters as people have corrected them (clusters.csv) and, if the data set is
    there, the methods text (methods.txt).

    Raises
    ------
    RunError
        If the run is not done.
    """
    files: list[tuple[str, Path | bytes, str]] = []
    for name, file in files_of(material.run):
        files.append((f"run/{name}", file, ABOUT[kind_of(name) or ""]))
    shown = material.grouping
    files.append(("clusters.csv", to_csv(material.table).encode(), "Cluster of each ion, as people have corrected it"))
    try:
        text = methods_text(material.run, material.images, shown.by, shown.n_clusters)
        files.append(("methods.txt", text.encode(), "Text for the methods section of a publication, with references"))
    except DataError:  # the data set was deleted
        pass
    sizes = [len(file) if isinstance(file, bytes) else file.stat().st_size for _, file, _ in files]
    described = [_file(name, size, about) for (name, _, about), size in zip(files, sizes, strict=True)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(METADATA, json.dumps(_metadata(material, described), indent=1), zipfile.ZIP_DEFLATED)
        for number, (name, file, _) in enumerate(files):
            packing = zipfile.ZIP_DEFLATED if name.endswith(_SMALLER) else zipfile.ZIP_STORED
            if isinstance(file, bytes):
                archive.writestr(name, file, packing)
            else:
                archive.write(file, name, packing)
            part(progress, number / len(files), (number + 1) / len(files))(1, "Packing the run")


def _metadata(material: Material, files: list[dict[str, Any]]) -> dict[str, Any]:
    run, config = material.run, material.run.config
    title = f"Clusters of the ion images of {run.request.dataset.name}"
    settings = [_value(name, value) for name, value in config.flat().items()]
    shown = [
        _value("shown.representation", material.grouping.by),
        _value("shown.clusters", material.grouping.n_clusters),
    ]
    parameters = [*settings, *shown]
    measured = [_value(title, text, at="data") for title, text in material.about.items()]
    parts = [{"@id": file["@id"]} for file in files]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": "Ion images of a mass spectrometry imaging data set, grouped by their spatial pattern by "
        f"msiss, method {METHODS[config.method].title}: settings, vectors, clusters, maps, and what people corrected.",
        "datePublished": _time(datetime.now(UTC).timestamp())[:10],
        "license": {"@id": "#licence"},
        "conformsTo": {"@id": PROFILE},
        "hasPart": parts,
        "mentions": {"@id": "#training"},
    }
    action = {
        "@id": "#training",
        "@type": "CreateAction",
        "name": f"Training and clustering by the method {METHODS[config.method].title}",
        "description": f"All that was set is among the objects; on {run.status.device or 'an unknown device'}.",
        "instrument": {"@id": SOFTWARE},
        "object": [{"@id": "#data"}, *({"@id": one["@id"]} for one in parameters)],
        "result": [one for one in parts if one["@id"].startswith("run/results/")],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    for name, value in (("startTime", run.status.started), ("endTime", run.status.finished)):
        if value is not None:
            action[name] = _time(value)
    context: list[dict[str, Any]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        root,
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        action,
        {
            "@id": SOFTWARE,
            "@type": "SoftwareApplication",
            "name": "msiss",
            "description": "Groups ion images of mass spectrometry imaging data into co-localized molecules; the code "
            f"of the method had the hash {run.request.method}",
            "softwareVersion": __version__,
            "url": {"@id": "https://doi.org/10.1039/D1SC04077D"},
        },
        {
            "@id": "https://doi.org/10.1039/D1SC04077D",
            "@type": "CreativeWork",
            "name": "Self-supervised clustering of mass spectrometry imaging data using contrastive learning",
        },
        {
            "@id": "#licence",
            "@type": "CreativeWork",
            "name": "Unknown licence",
            "description": "Nobody has stated under which licence these results may be used.",
        },
        _data(material) | {"additionalProperty": [{"@id": one["@id"]} for one in measured]},
        {
            "@id": "#fingerprint",
            "@type": "PropertyValue",
            "name": "SHA-256 of intensities, m/z and mask",
            "value": run.request.fingerprint,
        },
        *measured,
        *parameters,
        *files,
    ]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": context}


def _data(material: Material) -> dict[str, Any]:
    run = material.run
    about = f"{len(run.ions())} ion images"
    try:
        height, width = material.images.shape
        about += f" of {width} x {height} pixels, read from {material.images.source or 'a file'}"
    except DataError:
        pass
    return {
        "@id": "#data",
        "@type": "CreativeWork",
        "name": run.request.dataset.name,
        "description": f"{about}; not part of this crate",
        "identifier": {"@id": "#fingerprint"},
    }


def _file(name: str, size: int, about: str) -> dict[str, Any]:
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {
        "@id": name,
        "@type": "File",
        "name": name.rpartition("/")[2],
        "description": about,
        "contentSize": str(size),
        "encodingFormat": kind,
    }


def _value(name: str, value: object, *, at: str = "") -> dict[str, Any]:
    place = f"{at}/{quote(name, safe='')}" if at else name
    return {"@id": f"#{place}", "@type": "PropertyValue", "name": name, "value": str(value)}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds")
