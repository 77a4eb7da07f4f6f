"""What is chosen of METASPACE reaches the call that fetches it, from the page and from the command line."""

import pytest

from msiss.cli import main
from msiss.data import importing
from msiss.data.metaspace_request import FDR_LEVELS, MetaspaceRequest
from msiss.data.recipe import Recipe
from msiss.runs.imports import ImportRequest

ID = "2016-09-22_11h16m17s"


@pytest.fixture
def fetched(monkeypatch, small_images):
    """Return what METASPACE is asked for, which answers with `small_images`."""
    calls = []

    def fetch(dataset_id, *, fdr, database, progress):
        calls.append((dataset_id, database, fdr))
        return small_images

    monkeypatch.setattr("msiss.data.formats.metaspace.fetch", fetch)
    return calls


@pytest.mark.parametrize("request_", [MetaspaceRequest(id=ID), MetaspaceRequest(id=ID, database="LipidMaps", fdr=0.5)])
def test_an_import_fetches_what_it_was_asked_for(fetched, request_) -> None:
    importing.import_data([], Recipe(), metaspace=request_)
    assert fetched == [(ID, request_.database or None, request_.fdr)]


def test_it_survives_the_folder_of_the_import_and_imports_of_before_are_understood(tmp_path) -> None:
    wanted = MetaspaceRequest(id=ID, database="LipidMaps", fdr=0.05)
    request = ImportRequest(name="a", library=tmp_path, metaspace=wanted)
    assert ImportRequest.model_validate_json(request.model_dump_json()).metaspace == wanted
    for written, meant in ((f'"{ID}"', MetaspaceRequest(id=ID)), ('""', None)):
        text = f'{{"name": "a", "library": "b", "metaspace": {written}}}'
        assert ImportRequest.model_validate_json(text).metaspace == meant


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], MetaspaceRequest(id=ID)),
        (["--database", "HMDB v4"], MetaspaceRequest(id=ID, database="HMDB v4")),
        (["--fdr", "0.2", "--database", "x"], MetaspaceRequest(id=ID, database="x", fdr=0.2)),
    ],
)
def test_the_command_asks_for_it(tmp_path, monkeypatch, options, expected) -> None:
    asked = []

    def make(files, recipe, out, *, metaspace, **more):
        asked.append(metaspace)
        out.mkdir()
        return {"ions": 1, "shape": (1, 2), "span": "m/z 1 to 2"}

    monkeypatch.setattr("msiss.data.foreign.make", make)
    assert main(["import", "--metaspace", ID, *options, "--out", str(tmp_path / "data")]) == 0
    assert asked == [expected]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--metaspace", ID, "--fdr", "0"], "above 0 and at most 1"),
        (["--metaspace", ID, "--fdr", "nan"], "above 0 and at most 1"),
        (["a.npz", "--fdr", "0.1"], "Give its id with --metaspace"),
        (["a.npz", "--database", "x"], "Give its id with --metaspace"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(tmp_path, capsys, monkeypatch, options, said) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.npz").write_bytes(b"")
    assert main(["import", *options, "--out", "data"]) == 1
    assert said in capsys.readouterr().err


def test_the_levels_are_those_of_metaspace() -> None:
    assert FDR_LEVELS == (0.05, 0.1, 0.2, 0.5)
