"""A run goes to another machine and comes back the same; what is made to do harm does none."""

import io
import json
import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from msiss.data.ion_images import IonImages
from msiss.data.library import DataLibrary
from msiss.errors import DataError, MsissWarning, RunError
from msiss.runs import transfer_works
from msiss.runs.decisions import Moved, recorded
from msiss.runs.grouping import decide, grouping
from msiss.runs.reclustering import clusters_by, kept_clusters
from msiss.runs.store import Run, RunStore
from msiss.runs.transfer import export_run, import_run

pytestmark = pytest.mark.usefixtures("no_children")


@pytest.fixture
def there(tmp_path: Path) -> RunStore:
    """Return the runs of another machine."""
    return RunStore(tmp_path / "there" / "runs")


@pytest.fixture
def library(tmp_path: Path) -> DataLibrary:
    return DataLibrary(tmp_path / "there" / "datasets")


@pytest.fixture
def packed(finished_run: Run, tmp_path: Path) -> Path:
    results = finished_run.path / "results"
    save_file({"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, results / "weights.safetensors")
    (results / "evidence.json").write_text(json.dumps(EVIDENCE))
    clusters_by(finished_run, "bands", 2)
    decide(grouping(finished_run), Moved(ions=(3,), to=1, who="me"))
    export_run(finished_run, tmp_path / "run.zip")
    return tmp_path / "run.zip"


EVIDENCE = {"ions": 12, "pairs": None, "representations": {}, "differences": [], "result": "self-labelled"}


def changed(path: Path, changes: dict[str, bytes | None], target: str = "changed.zip") -> Path:
    """Return a copy of an archive with other members; those of None are left out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_name(target), "w") as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            content = changes[name] if name in changes else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return path.with_name(target)


def npy(array: np.ndarray, **how) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


def parquet(table: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def left(store: RunStore) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir()) if store.folder.exists() else []


@pytest.mark.usefixtures("children")
def test_a_run_arrives_as_it_was(finished_run: Run, packed: Path, there: RunStore, library: DataLibrary) -> None:
    steps: list[float] = []
    run = import_run(packed, there, library, progress=lambda done, _: steps.append(done))
    assert steps == sorted(steps)
    assert run.path == there.folder / finished_run.request.identity
    assert left(there) == [run.path.name]
    assert run.config == finished_run.config
    assert run.status.device == "CPU"
    assert run.representations == finished_run.representations
    pd.testing.assert_frame_equal(run.clusters(), finished_run.clusters())
    pd.testing.assert_frame_equal(run.maps(), finished_run.maps())
    for name in run.representations:
        np.testing.assert_array_equal(run.features(name), finished_run.features(name))
    assert run.events() == finished_run.events()
    assert recorded(run) == recorded(finished_run)
    assert grouping(run).labels.tolist() == grouping(finished_run).labels.tolist()
    pd.testing.assert_frame_equal(kept_clusters(run, "bands", 2), kept_clusters(finished_run, "bands", 2))
    before, after = (load_file(one.result_path("weights.safetensors")) for one in (finished_run, run))
    np.testing.assert_array_equal(before["a"], after["a"])
    assert json.loads(run.result_path("evidence.json").read_text()) == EVIDENCE


@pytest.mark.usefixtures("children")
def test_its_images_arrive_where_they_were_packed(
    finished_run: Run, small_images, tmp_path: Path, there: RunStore, library: DataLibrary
) -> None:
    export_run(finished_run, tmp_path / "whole.zip", with_images=True)
    run = import_run(tmp_path / "whole.zip", there, library)
    assert run.request.dataset == (library.folder / "small").resolve()
    images = library.load("small")
    np.testing.assert_array_equal(images.images, small_images.images)
    assert images.names == small_images.names
    assert left(there) == [run.path.name]


def test_the_same_images_are_found_under_any_name(packed: Path, small_images, there, library) -> None:
    small_images.subset(range(4)).save(library.folder / "small")  # others of the same name
    small_images.save(library.folder / "section of today")
    assert import_run(packed, there, library).request.dataset.name == "section of today"


def test_without_images_the_run_has_its_tables(packed: Path, small_images, there, library) -> None:
    small_images.subset(range(4)).save(library.folder / "small")
    run = import_run(packed, there, library)
    assert not run.request.dataset.exists()
    assert run.request.dataset.parent == library.folder.resolve()
    assert run.ions()["name"].tolist() == list(small_images.names)


def test_nothing_is_overwritten(finished_run: Run, packed: Path, there, library, tmp_path: Path) -> None:
    run = import_run(packed, there, library)
    (run.path / "label.json").write_text("{}")
    with pytest.raises(RunError, match="This run is here already"):
        import_run(packed, there, library)
    assert (run.path / "label.json").exists()
    assert left(there) == [run.path.name]
    with pytest.raises(RunError, match="exists already"):
        export_run(finished_run, packed)


def test_the_path_of_the_data_is_not_told(finished_run: Run, packed: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            assert str(finished_run.request.dataset.parent).encode() not in archive.read(name)


def test_a_deleted_or_changed_data_set_is_not_packed(finished_run: Run, small_images, tmp_path: Path) -> None:
    small_images.subset(range(4)).save(tmp_path / "other")
    finished_run.use_dataset(tmp_path / "other")
    with pytest.raises(DataError, match="has changed"):
        export_run(finished_run, tmp_path / "a.zip", with_images=True)
    assert not list(tmp_path.glob("*.zip*"))


ROWS = pd.DataFrame({"ion": range(11), "mz": 1.0, "name": "x", "confidence": 1.0})
BAD_PARTS = {
    "config.json": [b"{}", b"\xff", b"[" * 100_000],
    "status.json": [b'{"state": "running"}', b"{}"],
    "results/clusters.parquet": [b"PAR1", None],
    "results/maps.parquet": [parquet(ROWS), None],
    "results/evidence.json": [b"[1, 2", b'{"result": "<script>"}', b'{"representations": 3}', b"NaN"],
    "results/features/bands.npy": [
        npy(np.array([{}] * 12), allow_pickle=True),
        npy(np.zeros((11, 4), np.float32)),
        npy(np.full((12, 4), np.nan, np.float32)),
        npy(np.zeros((12, 4))),
        npy(np.zeros((12, 4), np.float32))[:-1],
        b"\x80\x04.",
    ],
    "results/weights.safetensors": [b"\xff" * 100, (2**60).to_bytes(8, "little") + b"{}"],
    "results/history.npz": [b"PK", b""],
    "clusters/bands-2.parquet": [parquet(ROWS)],
    "label.json": [b"{"],
}


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name, contents in BAD_PARTS.items() for content in contents]
)
def test_a_bad_part_is_refused_in_words(packed: Path, there, library, name: str, content: bytes | None) -> None:
    with pytest.raises(RunError, match=r"changed\.zip"):
        import_run(changed(packed, {name: content}), there, library)
    assert left(there) == []
    assert library.names() == []


def test_names_that_lead_out_of_the_folder_are_left_out(packed: Path, there, library, tmp_path: Path) -> None:
    absolute = str(tmp_path / "evil-absolute")
    evil = dict.fromkeys(("../evil", absolute, "run/../../evil", "results/evil.py", "a\\..\\evil"), b"x")
    with pytest.warns(MsissWarning, match="5 files that this version of msiss does not know"):
        run = import_run(changed(packed, evil), there, library)
    assert not list(tmp_path.rglob("evil*"))
    assert not Path(absolute).exists()
    assert len(left(there)) == 1
    assert run.representations


def test_links_devices_and_locked_members_are_refused(packed: Path, there, library) -> None:
    for mode, message in ((stat.S_IFLNK, "a link or a device"), (stat.S_IFCHR, "a link or a device")):
        path = changed(packed, {"label.json": None})
        with zipfile.ZipFile(path, "a") as archive:
            entry = zipfile.ZipInfo("label.json")
            entry.external_attr = (mode | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
        with pytest.raises(RunError, match=message):
            import_run(path, there, library)
    with zipfile.ZipFile(path := changed(packed, {"label.json": None}), "a") as archive:
        archive.writestr("label.json", b"{}", zipfile.ZIP_LZMA)
    with pytest.raises(RunError, match="packed in an unusual way"):
        import_run(path, there, library)
    assert left(there) == []


def test_a_bomb_and_a_member_that_is_there_twice_are_refused(packed: Path, there, library, monkeypatch) -> None:
    monkeypatch.setattr(transfer_works, "MOST_TEXT", 10_000)
    with zipfile.ZipFile(path := changed(packed, {"label.json": None}), "a") as archive:
        archive.writestr("label.json", bytes(20_000), zipfile.ZIP_DEFLATED)
    with pytest.raises(RunError, match=r"label\.json unpacks to more than a run has"):
        import_run(path, there, library)
    monkeypatch.setattr(transfer_works, "most_unpacked", lambda size: size)
    with zipfile.ZipFile(path := changed(packed, {"results/features/bands.npy": None}), "a") as archive:
        archive.writestr("results/features/bands.npy", bytes(10**6), zipfile.ZIP_DEFLATED)
    with pytest.raises(RunError, match=r"bands\.npy unpacks to more than a run has"):
        import_run(path, there, library)
    with zipfile.ZipFile(path := changed(packed, {}), "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", b"{}")
    with pytest.raises(RunError, match=r"it has config\.json twice"):
        import_run(path, there, library)
    monkeypatch.setattr(transfer_works, "MOST_FILES", 5)
    with pytest.raises(RunError, match="a run has some twenty"):
        import_run(packed, there, library)
    assert left(there) == []


def test_other_files_are_refused(tmp_path: Path, there, library) -> None:
    with pytest.raises(RunError, match="is not a file"):
        import_run(tmp_path / "nowhere.zip", there, library)
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(RunError, match="it is no zip archive"):
        import_run(tmp_path / "a.zip", there, library)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("status.json", "{}")
    with pytest.raises(RunError, match=r"b\.zip is not a run of msiss: it has no config\.json"):
        import_run(tmp_path / "b.zip", there, library)


def test_other_images_than_those_of_the_training_are_refused(
    finished_run: Run, small_images: IonImages, tmp_path: Path, there, library
) -> None:
    export_run(finished_run, tmp_path / "whole.zip", with_images=True)
    brighter = small_images.images * 2
    for array, message in ((brighter, "not those of the training"), (-brighter, "negative intensities")):
        path = changed(tmp_path / "whole.zip", {"images/images.npy": npy(array.astype(np.float32))})
        with pytest.raises(RunError, match=message):
            import_run(path, there, library)
    path = changed(tmp_path / "whole.zip", {"images/mz.npy": npy(np.array([{}] * 12), allow_pickle=True)})
    with pytest.raises(RunError, match="its ion images cannot be used"):
        import_run(path, there, library)
    assert left(there) == []
    assert library.names() == []


def test_texts_and_lines_that_could_be_more_than_text_are_dropped(packed: Path, there, library) -> None:
    events = [
        {"event": "EpochEnded", "phase": "<b>", "epoch": 1},
        {"event": "Note", "message": "*" * 3000},
        {"event": "EpochEnded", "phase": "contrastive", "epoch": 1, "epochs": 2, "values": {"loss": 0.5}},
    ]
    lines = b"\n".join([b"{", b"3", *(json.dumps(event).encode() for event in events)])
    status = b'{"state": "done", "device": "<img>", "message": "x", "ticket": "t", "finished": 3.0}'
    path = changed(packed, {"events.jsonl": lines, "status.json": status, "decisions.jsonl": b'{"do": "evil"}\n'})
    run = import_run(path, there, library)
    assert [event["event"] for event in run.events()] == ["Note", "EpochEnded"]
    assert len(run.events("Note")[0]["message"]) == 2000
    assert (run.status.device, run.status.message, run.status.ticket) == ("_img_", "", "")
    assert (run.path / "decisions.jsonl").read_text() == ""


def test_an_import_can_be_stopped_without_a_trace(packed: Path, there, library) -> None:
    def stop(_fraction: float, _text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_run(packed, there, library, progress=stop)
    assert left(there) == []


def test_names_of_data_sets_are_no_paths(finished_run: Run, packed: Path, there, library) -> None:
    config = json.loads(zipfile.ZipFile(packed).read("config.json"))
    for name in ("../../etc", "C:\\x", "a/b"):
        path = changed(packed, {"config.json": json.dumps(config | {"dataset": name}).encode()})
        run = import_run(path, RunStore(there.folder / name.replace("/", "_")[:2]), library)
        assert run.request.dataset.parent == library.folder.resolve()
