"""Annotated ion images of a data set of METASPACE (https://metaspace2020.org), by its id.

The client of METASPACE requests the data set and its annotations; the images are PNG files with 16 bits, scaled from
the lowest to the highest intensity of each ion and transparent where no spectrum was measured. Only id, FDR and
database leave the machine; the environment variable MSISS_METASPACE_KEY may hold an API key for data sets that are not
public.
"""

import contextlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

import numpy as np

from msiss.data import column_names
from msiss.data.findings import DataStop, HealthRow, raise_or_warn
from msiss.data.formats.assemble import assemble
from msiss.data.formats.budget import Budget
from msiss.data.formats.metaspace_metadata import in_mapping, measurement, pixel_size
from msiss.data.ion_images import IonImages
from msiss.data.progress import Progress, ignore
from msiss.data.stored_images import Polarity
from msiss.errors import SettingError

if TYPE_CHECKING:
    import requests

HOST = "https://metaspace2020.org"
KEY = "MSISS_METASPACE_KEY"
DATABASE = ("HMDB", "v4")  # the default of METASPACE

_SECONDS = 60  # timeout of a server
_LARGEST_IMAGE = 64 * 2**20  # bytes of a PNG file; one of a million pixels has 4 MB
_AT_ONCE = 8
_POLARITIES: dict[str, Polarity] = {"positive": "positive", "negative": "negative"}

T = TypeVar("T")


@dataclass(frozen=True)
class _Annotation:
    mz: float
    formula: str
    adduct: str
    name: str
    url: str
    lowest: float
    highest: float


def fetch(
    dataset_id: str,
    *,
    fdr: float = 0.1,
    database: str | tuple[str, str] | None = None,
    host: str | None = None,
    progress: Progress = ignore,
) -> IonImages:
    """Return the annotated ion images of a data set of METASPACE, sorted by m/z.

    Parameters
    ----------
    dataset_id : str
        As in its address, such as 2016-09-22_11h16m17s; the whole address is accepted, too.
    fdr : float
        Highest false discovery rate of the annotations, 0 to 1.
    database : str or tuple of two str, optional
        Database of molecules: its number, its name, "name version" or (name, version). By default HMDB v4 if the
        data set was annotated with it, else its first database.
    host : str, optional
        Address of another METASPACE server.
    progress : Progress
        Called after every image; it may raise an exception to stop.

    Raises
    ------
    SettingError
        If the id, `fdr` or `database` is invalid.
    DataStop
        If the data set does not exist, is not public or has no annotations, or the server does not answer.

    Warns
    -----
    MsissWarning
        If something is unusual that does not prevent the reading.
    """
    dataset_id = dataset_id.strip().rsplit("ds=", 1)[-1].split("&")[0]
    if not dataset_id.isascii() or not dataset_id.replace("-", "").replace("_", "").isalnum():
        raise SettingError(f'"{dataset_id}" is not the id of a METASPACE data set, such as 2016-09-22_11h16m17s.')
    if not 0 < fdr <= 1:
        raise SettingError(f"A false discovery rate is above 0 and at most 1, not {fdr}; 0.1 is usual.")
    name = f"METASPACE {dataset_id}"
    host = (host or HOST).rstrip("/")
    progress(0, "Asking METASPACE for the data set")
    dataset = _asked(lambda: _dataset(dataset_id, host), name)
    known = {(each.name, each.version): each.id for each in dataset.database_details}
    number = _database(known, database, dataset_id)
    progress(0.02, "Asking METASPACE for the annotations")
    annotations = _asked(lambda: _annotations(dataset, fdr, number), name)
    if not annotations:
        found = f"It has no annotations at a false discovery rate of {fdr:.0%} in this database."
        action = f"Try a higher rate, or another of its databases: {_names(known)}."
        raise DataStop(HealthRow("annotations", "stop", found, "", action), name)
    cube = _cube(annotations, host, name, progress)
    find = in_mapping(dataset.metadata)
    images, rows = assemble(
        cube,
        np.array([annotation.mz for annotation in annotations]),
        name=str(dataset.name or name),
        names=[annotation.name for annotation in annotations],
        annotations={key: [getattr(annotation, key) for annotation in annotations] for key in ("formula", "adduct")},
        polarity=_asked(lambda: _POLARITIES.get(dataset.polarity.lower(), "unknown"), name),
        pixel_size=pixel_size(find),
        about=measurement(find),
    )
    raise_or_warn(rows, name)
    used = next((text for text, one in _numbered(known).items() if one == number), "all databases")
    return replace(images, source=f"{images.source} (METASPACE {dataset_id}, {used}, FDR {fdr:.0%})")


def _dataset(dataset_id: str, host: str) -> Any:
    """Return the client's object of the data set; the client's credentials file is not read."""
    from metaspace.sm_annotation_utils import GraphQLClient, SMDataset, get_config

    config = get_config(host=host, config_path=os.devnull)
    client = GraphQLClient(config)
    client.session = _session()  # the client's session has no timeout
    client.session.verify = config["verify_certificate"]
    config["usr_api_key"] = os.environ.get(KEY) or None
    return SMDataset(client.getDataset(dataset_id), client)


def _annotations(dataset: Any, fdr: float, database: int | None) -> list[_Annotation]:
    fields = ("mz", "sumFormula", "adduct", "ion", "possibleCompounds", "isotopeImages")
    found = []
    for mz, formula, adduct, ion, compounds, images in dataset.annotations(fdr, database, fields):
        if not images or not images[0]["url"]:  # METASPACE omits images without signal
            continue
        name = column_names.isomers([compound["name"] for compound in compounds or ()]) or ion or ""
        intensities = float(images[0]["minIntensity"]), float(images[0]["maxIntensity"])
        found.append(_Annotation(float(mz), formula or "", adduct or "", name, images[0]["url"], *intensities))
    return sorted(found, key=lambda annotation: annotation.mz)


def _database(
    known: Mapping[tuple[str, str], int], wanted: str | tuple[str, str] | None, dataset_id: str
) -> int | None:
    """Return the number of a database of molecules; None, for all, if the data set names none."""
    if wanted is None:
        return known.get(DATABASE, next(iter(known.values()), None))
    text = column_names.plain("".join(wanted))
    for (name, version), number in known.items():
        if text in (str(number), column_names.plain(name), column_names.plain(name + version)):
            return number
    raise SettingError(f"{dataset_id} was not annotated with {wanted}. Its databases are {_names(known)}.")


def _names(known: Mapping[tuple[str, str], int]) -> str:
    return ", ".join(_numbered(known)) or "none"


def _numbered(known: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{name} {version}".strip(): number for (name, version), number in known.items()}


def _cube(annotations: Sequence[_Annotation], host: str, name: str, progress: Progress) -> np.ndarray:
    """Return the images (N, H, W), float32, NaN where METASPACE shows no spectrum."""
    with _session() as session:
        first = _asked(lambda: _image(annotations[0], host, session, name), name)
        Budget(name).images((len(annotations), *first.shape))
        cube = np.empty((len(annotations), *first.shape), dtype=np.float32)
        cube[0] = first

        def fill(index: int) -> None:
            image = _image(annotations[index], host, session, name)
            if image.shape != first.shape:
                found = f"Its images have different sizes, {first.shape} and {image.shape}."
                raise DataStop(HealthRow("images", "stop", found, "", "Tell the people of METASPACE."), name)
            cube[index] = image

        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            waiting = [pool.submit(fill, index) for index in range(1, len(annotations))]
            for done, future in enumerate(waiting, start=2):
                _asked(future.result, name)
                progress(0.05 + 0.9 * done / len(annotations), f"Loading image {done} of {len(annotations)}")
        finally:
            pool.shutdown(cancel_futures=True)
    return cube


def _image(annotation: _Annotation, host: str, session: "requests.Session", name: str) -> np.ndarray:
    """Return one ion image (H, W) with its intensities."""
    import imagecodecs

    # Images in the storage of the server have a path without a host.
    with session.get(urljoin(host + "/", annotation.url), stream=True) as answer:
        answer.raise_for_status()
        data = answer.raw.read(_LARGEST_IMAGE, decode_content=True)
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 26:
        raise ValueError(f"the image of {annotation.name} is no PNG")
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    Budget(name).unpack(16 * width * height, f"The image of {annotation.name}")
    pixels = imagecodecs.png_decode(data)
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]  # (H, W, grey and alpha), or red, green, blue and alpha
    share = pixels[..., 0] / np.iinfo(pixels.dtype).max
    image = (annotation.lowest + share * (annotation.highest - annotation.lowest)).astype(np.float32)
    if pixels.shape[2] in (2, 4):
        image[pixels[..., -1] == 0] = np.nan
    return image


def _session() -> "requests.Session":
    """Return a session with two retries and a timeout."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Patient(HTTPAdapter):
        def send(self, *args: Any, **more: Any) -> requests.Response:
            return super().send(*args, **{**more, "timeout": _SECONDS})

    session = requests.Session()
    retries = Retry(2, backoff_factor=0.2, status_forcelist=(502, 503, 504), raise_on_status=False)
    for scheme in ("https://", "http://"):
        session.mount(scheme, Patient(max_retries=retries))
    return session


def _asked(question: Callable[[], T], name: str) -> T:
    """Return the answer to a request to METASPACE, or raise an error that explains the failure."""
    import requests
    from metaspace.sm_annotation_utils import BadRequestException, DatasetNotFound, GraphQLException

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the client prints its errors
            return question()
    except DataStop:
        raise
    except DatasetNotFound as error:
        found = "METASPACE has no public data set of this id."
        action = f"Compare the id with its address. If it is your own, put your API key into {KEY}."
        raise _stop(found, action, name) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        action = "Check the network and the address of the server, then try again."
        raise _stop("METASPACE does not answer.", action, name) from error
    except requests.HTTPError as error:
        found = f"METASPACE answers with an error: {error}."
        raise _stop(found, "Try again later.", name) from error
    except (BadRequestException, GraphQLException) as error:
        action = f"If it is about the key, correct {KEY}; else try again later."
        raise _stop(f"METASPACE refuses: {error.message}.", action, name) from error
    except Exception as error:  # the client raises many types for unexpected answers
        found = f"The answer of METASPACE is not understood: {str(error)[:200]}."
        raise _stop(found, "Check the address of the server, and try again later.", name) from error


def _stop(found: str, action: str, name: str) -> DataStop:
    return DataStop(HealthRow("METASPACE", "stop", found, "", action), name)
