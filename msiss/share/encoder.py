"""The trained encoder as a file of safetensors that other programs can use, with a text that tells how."""

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from msiss.data.about import in_words
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig, Prepared, describe, prepare
from msiss.data.progress import Progress, ignore
from msiss.learn.methods import METHODS
from msiss.registry import load
from msiss.share.material import Material, lacks_images
from msiss.version import __version__

if TYPE_CHECKING:
    from msiss.learn.portable import Portable

TEXT = """\
The encoder of a run of msiss {version}
{line}

encoder.safetensors holds the weights of the encoder that the run {run} has trained (method {method}, version
{code}). Its header says the same as this text, for programs.

{gives}
{measured}
It takes images of {side} x {side} pixels: one grey channel in [0, 1], {preparation}. In Python:
`msiss.data.prepare.prepare(images, run.config.prepare).images[:, None]`.

To use it, with the packages that are named in its first lines:

{example}
`images` is a float32 tensor of shape (N, 1, {side}, {side}). The tensors check.images and check.features are some
images of the training and what comes out for them. To see that all is well, begin with

    from safetensors.torch import load_file
    images = load_file("encoder.safetensors")["check.images"]

and the features are equal to check.features but for rounding.
"""
CHECKED = 4  # images that go along with their features
WEIGHTS = "weights.safetensors"  # in the results of a run


def lacks(material: Material) -> str:
    """Return why the encoder of the run cannot be exported, or an empty text."""
    method = METHODS[material.run.config.method]
    if not method.encoder:
        return f"The method {method.title} of this run has no encoder that other programs could use."
    if not material.run.result_path(WEIGHTS).is_file():
        return "The weights of this run are missing."
    return lacks_images(material)


def write(material: Material, path: Path, *, progress: Progress = ignore) -> None:  # noqa: ARG001
    """Write the weights, with a header that describes them, and a text (.txt) beside them that tells how to use them.

    Raises
    ------
    RunError
        If its weights are damaged.
    DataError
        If the data set was deleted or changed.
    """
    from safetensors.numpy import load_file, save_file

    run, config = material.run, material.run.config
    prepared = _prepared(material.images, config.prepare)
    found: Portable = load(METHODS[config.method].encoder)(run.result_file(WEIGHTS, _read(load_file)), config, prepared)
    checks = {"check.images": prepared.images[:, None], "check.features": found.features}
    tensors = {name: np.ascontiguousarray(value) for name, value in {**found.tensors, **checks}.items()}
    header = {
        "format": "pt",
        "msiss": __version__,
        "method": str(config.method),
        "method_version": run.request.method,
        "run": run.request.identity,
        "side": str(config.prepare.side),
        "preparation": config.prepare.model_dump_json(),
        "about": json.dumps(dict(material.images.about)),
        "gives": found.gives,
        "example": found.example,
        **found.about,
    }
    save_file(tensors, path, metadata=header)
    path.with_suffix(".txt").write_text(_text(material, found), encoding="utf-8")


def _prepared(images: IonImages, config: PrepareConfig) -> Prepared:
    """Return the first ion images as the training prepared them."""
    few = np.arange(min(CHECKED, len(images)))
    alone = config.normalisation == "none" or (config.normalisation == "tic" and images.tic is not None)
    return prepare(images.subset(few), config) if alone else prepare(images, config)[few]


def _text(material: Material, found: "Portable") -> str:
    run, config = material.run, material.run.config
    steps, said = describe(config.prepare, material.images.axis), in_words(material.images.about)
    return TEXT.format(
        version=__version__,
        line="=" * (len("The encoder of a run of msiss ") + len(__version__)),
        run=run.request.identity,
        method=METHODS[config.method].title,
        code=run.request.method,
        gives=textwrap.fill(found.gives, 100),
        measured=f"\n{textwrap.fill(f'The file of the images says: {said}.', 100)}\n" if said else "",
        side=config.prepare.side,
        preparation=f"{steps}, resized with its aspect ratio, padded with 0 and scaled again",
        example=textwrap.indent(found.example, "    "),
    )


def _read(load_file: Any) -> Any:
    """Return a function that reads weights, and raises what `Run.result_file` knows."""
    from safetensors import SafetensorError

    def read(path: Path) -> dict[str, np.ndarray]:
        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(str(error)) from error

    return read
