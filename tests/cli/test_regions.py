"""The command regions prints and writes what differs."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from msiss.cli.main import main
from msiss.data.areas import Area, AreaFile
from msiss.home import datasets_folder


@pytest.fixture
def mask(tmp_path):
    """Return a picture of the upper rows, where the ions 0 to 4 of the small run live."""
    path = tmp_path / "upper.png"
    Image.fromarray(np.where(np.mgrid[:16, :20][0] < 7, 255, 0).astype(np.uint8)).save(path)
    return path


def test_a_mask_against_the_rest_of_a_run(finished_run, mask, tmp_path, capsys):
    assert main(["regions", str(finished_run.path), "--mask", str(mask), "--out", str(tmp_path / "table.csv")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("125 pixels of region A against 180 of region B.")
    assert "Wrote 12 ions" in printed
    table = pd.read_csv(tmp_path / "table.csv")
    assert set(table["ion"][:5]) == {0, 1, 2, 3, 4}
    assert set(table["cluster"][:5]) == {0}


@pytest.mark.usefixtures("finished_run")
def test_regions_that_are_kept_with_a_data_set(capsys):
    folder = datasets_folder() / "small"
    upper = ((-1, -1), (-1, 20), (6.5, 20), (6.5, -1))
    lower = ((8, -1), (8, 20), (16, 20), (16, -1))
    AreaFile(folder).add([Area(name=name, polygons=((ring,),)) for name, ring in (("up", upper), ("low", lower))])
    assert main(["regions", str(folder), "--region", "up", "--against", "low", "--tic"]) == 0
    printed = capsys.readouterr().out
    assert "of region A against 160 of region B" in printed
    assert "cluster" not in printed
    assert main(["regions", str(folder)]) == 1
    assert "Which region? There are: up, low." in capsys.readouterr().err


def test_what_cannot_be_written_is_told(finished_run, mask, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    command = ["regions", str(finished_run.path), "--mask", str(mask), "--out", str(tmp_path / "file" / "table.csv")]
    assert main(command) == 1
    assert "cannot be written" in capsys.readouterr().err
