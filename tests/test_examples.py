"""The notebooks of the folder examples: all their cells run, one after the other, and show what they say."""

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def notebook(name: str) -> dict[str, Any]:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def executed(name: str) -> tuple[dict[str, Any], list[str]]:
    """Return all that a notebook has defined when its end is reached, and what its cells show, as Jupyter does."""
    defined: dict[str, Any] = {}
    shown = []
    for number, cell in enumerate(notebook(name)["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]), f"{name}, cell {number}")
        *_, last = tree.body
        if isinstance(last, ast.Expr):
            tree.body.pop()
        exec(compile(tree, f"{name}, cell {number}", "exec"), defined)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"{name}, cell {number}", "eval"), defined)
            shown.append(value._repr_html_() if hasattr(value, "_repr_html_") else repr(value))
    return defined, shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_kept(path: Path) -> None:
    whole = notebook(path.name)
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in whole["cells"]}) == len(whole["cells"])
    for cell in whole["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


@pytest.mark.slow
@pytest.mark.usefixtures("msiss_home")
def test_a_section_becomes_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made, shown = executed("section_to_report.ipynb")
    folder = made["folder"]
    assert folder.parent == tmp_path
    assert made["report"].usable
    np.testing.assert_allclose(made["images"].mz, pd.read_csv(folder / "truth.csv")["mz"])
    result = pd.read_csv(folder / "result" / "clusters.csv")
    np.testing.assert_array_equal(result["cluster"], made["table"]["cluster"])
    assert sorted(result["cluster"].unique()) == list(range(6))
    other = pd.read_csv(folder / "plain result" / "clusters.csv")
    assert sorted(other["cluster"].unique()) == list(range(4))
    assert made["similar"].table["ion"].iloc[0] == 0
    assert list(made["scores"].index) == list(made["run"].representations)
    assert all(answer in shown[8] for answer in made["trust"].answers)
    assert any("plotly" in text for text in shown)


@pytest.mark.usefixtures("msiss_home")
def test_measures_need_no_training() -> None:
    made, shown = executed("measures_without_training.ipynb")
    truth = made["phantom"].pairs()
    assert set(map(tuple, made["pairs"])) >= {tuple(sorted(pair)) for pair in truth[["i", "j"]].to_numpy().tolist()}
    scores = made["scores"]
    assert list(scores.index) == list(made["features"])
    assert ((scores > 0.1) & (scores <= 1)).all(axis=None)  # by chance, all but the purity are below
    assert (scores["5-NN purity"] > np.bincount(made["labels"]).max() / len(made["labels"])).all()
    np.testing.assert_allclose(made["values"], made["cosines"][0, made["near"]], atol=1e-5)
    assert made["blocks"][made["within"]].mean() > made["blocks"][~made["within"]].mean()
    assert len(shown) == 7
