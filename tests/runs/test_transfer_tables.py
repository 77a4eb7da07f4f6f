from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from msiss.runs.transfer_tables import LONGEST_TEXT, read_table, write_table


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ion": [0, 1],
            "mz": [400.1, 500.25],
            "name": ["a", "b"],
            "bands": np.array([1, 0], dtype=np.int16),
            "confidence": np.array([0.5, np.nan], dtype=np.float32),
        }
    )


def read(table: pd.DataFrame, tmp_path: Path, kind: str = "clusters", ions: int | None = None):
    table.to_parquet(tmp_path / "in.parquet", index=False)
    return read_table(tmp_path / "in.parquet", kind, ions)


def test_a_table_comes_through_as_it_was(table, tmp_path: Path) -> None:
    table["surprise!"] = [1, 2]  # no name of a representation
    table["formula"] = [None, "C"]
    table.attrs["code"] = "abc"
    write_table(read(table, tmp_path), tmp_path / "new" / "out.parquet")
    again = pd.read_parquet(tmp_path / "new" / "out.parquet")
    assert again["formula"].tolist() == ["", "C"]
    assert again["bands"].dtype == np.int64
    expected = table.drop(columns=["surprise!", "formula"]).astype({"bands": "int64"})
    pd.testing.assert_frame_equal(again[list(expected)], expected)
    assert again.attrs == {"code": "abc"}


def test_long_texts_are_cut(table, tmp_path: Path) -> None:
    told = read(table.assign(name="x" * 10_000), tmp_path)
    assert {len(name) for name in told["columns"]["name"]} == {LONGEST_TEXT}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.drop(columns="mz"), "it has no mz"),
        (lambda table: table.assign(ion=[1, 2]), "about other ions"),
        (lambda table: table.iloc[:0], "about other ions"),
        (lambda table: table.assign(bands=[-1, 0]), "negative numbers"),
        (lambda table: table.assign(bands=[0.5, 1]), "bands is not numbers"),
        (lambda table: table.assign(mz=["a", "b"]), "mz is not numbers"),
        (lambda table: table.assign(confidence=["a", "b"]), "confidence is not numbers"),
    ],
)
def test_other_tables_are_refused(table, tmp_path: Path, change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(change(table), tmp_path)


def test_maps_and_other_clusters_are_about_the_same_ions(tmp_path: Path) -> None:
    maps = pd.DataFrame({"ion": [0, 2], "representation": "msiss", "method": "umap", "x": [0.0, 1.0], "y": [2.0, 3.0]})
    assert read(maps, tmp_path, "maps", 3)["columns"]["method"] == ["umap", "umap"]
    with pytest.raises(ValueError, match="about other ions"):
        read(maps, tmp_path, "maps", 2)
    clusters = pd.DataFrame({"cluster": [0, 1], "confidence": [0.1, np.nan]})
    assert read(clusters, tmp_path, "regrouped", 2)["columns"]["cluster"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="about other ions"):
        read(clusters, tmp_path, "regrouped", 3)
