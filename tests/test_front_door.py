"""What ``import msiss`` offers, and that it costs nothing before it is used."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import msiss

HEAVY = ("matplotlib", "numpy", "pandas", "plotly", "pydantic", "scipy", "sklearn", "streamlit", "torch", "umap")
LOOK = "import json, sys, msiss; {}; print(json.dumps([name for name in {!r} if name in sys.modules]))"


def loaded(use: str) -> list[str]:
    """Return which heavy packages a new process has loaded after it used msiss so."""
    code = LOOK.format(use, HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_import_loads_nothing() -> None:
    assert loaded("dir(msiss), msiss.__version__") == []


def test_no_name_loads_torch_or_streamlit() -> None:
    names = [f"msiss.{name}" for name in msiss.__all__]
    assert not {"torch", "streamlit"} & set(loaded(", ".join(names)))


def test_every_name_is_there_and_listed() -> None:
    assert {"read", "check", "cluster", "IonImages", "Recipe", "Run"} <= set(msiss.__all__) <= set(dir(msiss))
    for name in msiss.__all__:
        assert getattr(msiss, name).__doc__
    assert msiss.IonImages.__module__ == "msiss.data.ion_images"


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'msiss' has no attribute 'clusters'"):
        msiss.clusters  # noqa: B018


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert (Path(msiss.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("module", ["msiss.cli.main", "msiss.notebook.run", "msiss.runs.analyses", "msiss.ui.state"])
def test_what_is_shown_first_loads_no_slow_package(module: str) -> None:
    slow = {"matplotlib", "scipy", "sklearn", "torch", "umap"}
    assert not slow & set(loaded(f"__import__({module!r})"))
