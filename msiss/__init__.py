"""msiss groups the ion images of a mass spectrometry imaging data set into co-localized molecules."""

from typing import TYPE_CHECKING, Any

from msiss.version import __version__

if TYPE_CHECKING:
    from msiss.data.ion_images import IonImages
    from msiss.data.recipe import Recipe
    from msiss.notebook.data import check, read
    from msiss.notebook.regions import compare_regions
    from msiss.notebook.run import Run
    from msiss.notebook.training import cluster

__all__ = ["IonImages", "Recipe", "Run", "__version__", "check", "cluster", "compare_regions", "read"]

# The module of each name, imported on access: the command line and the child processes that read untrusted files import
# this package as well, and should start fast.
_HOMES = {
    "IonImages": "msiss.data.ion_images",
    "Recipe": "msiss.data.recipe",
    "Run": "msiss.notebook.run",
    "check": "msiss.notebook.data",
    "cluster": "msiss.notebook.training",
    "compare_regions": "msiss.notebook.regions",
    "read": "msiss.notebook.data",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
