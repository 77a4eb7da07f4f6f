"""The notebooks of the examples run from top to bottom."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_example_runs(notebook: Path, tmp_path: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert not any(cell.get("outputs") for cell in cells)
    # Each cell ends in a value that a notebook shows: made here as well.
    shown = "def _show(value):\n    print(value._repr_html_() if hasattr(value, '_repr_html_') else repr(value))\n"
    script = shown + "\n".join(map(_with_its_value_shown, code))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"MSISS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if notebook.stem == "section_to_report":
        assert "['clusters.csv', 'config.json', 'embedding.csv', 'features.npy']" in done.stdout


def _with_its_value_shown(cell: str) -> str:
    import ast

    tree = ast.parse(cell)
    if isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        tree.body[-1] = ast.Expr(ast.Call(ast.Name("_show", ast.Load()), [last.value], []))
    return ast.unparse(ast.fix_missing_locations(tree))


def test_there_are_examples() -> None:
    assert len(NOTEBOOKS) == 2
