"""One import from request to data set: complete, stoppable, and without a trace where it does not succeed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from filelock import FileLock
from imzml_of_kinds import NEGATIVE, POSITIVE, write_kinds

from msiss.data.formats.arrays import write_stack
from msiss.data.ion_images import IonImages
from msiss.data.library import DataLibrary
from msiss.data.recipe import IonsConfig, ListedIon, ReadConfig, Recipe
from msiss.durable import LEFT_SECONDS, unfinished_name
from msiss.errors import DataError, RunError
from msiss.learn.paper.config import PaperConfig
from msiss.runs import engine
from msiss.runs.importer import execute_import
from msiss.runs.imports import KEPT, ImportJob, ImportRequest, ImportStore, RunToStart, clear_up
from msiss.runs.jobs import HEARTBEAT_TIMEOUT_SECONDS, State, Status
from msiss.runs.store import RunStore

pytestmark = pytest.mark.usefixtures("no_children")


@pytest.fixture
def stack(tmp_path: Path, small_images: IonImages) -> Path:
    path = tmp_path / "uploads" / "section.npz"
    path.parent.mkdir()
    write_stack(small_images, path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> ImportStore:
    return ImportStore(tmp_path / "imports")


@pytest.fixture
def library(tmp_path: Path) -> DataLibrary:
    return DataLibrary(tmp_path / "datasets")


def left_over(library: DataLibrary) -> list[str]:
    return sorted(path.name for path in library.folder.glob("*") if path.name not in library.names())


@pytest.mark.usefixtures("children")
def test_an_import_does_what_its_recipe_says(store, library, stack, small_images) -> None:
    two = tuple(ListedIon(mz=float(small_images.mz[ion])) for ion in (3, 5))
    recipe = Recipe(read=ReadConfig(peaks="list", mz_list=two))
    job = store.create(ImportRequest(files=(stack,), recipe=recipe, name="two ions", library=library.folder))
    execute_import(job.path)

    assert job.status.state == State.DONE
    assert job.status.fraction == 1
    assert (job.datasets(), job.warnings()) == (["two ions"], [])
    loaded = library.load("two ions")
    np.testing.assert_array_equal(loaded.images, small_images.images[[3, 5]])
    assert Recipe.model_validate(loaded.recipe) == recipe
    assert left_over(library) == []


def test_a_request_is_read_as_it_was_written(store, library, stack) -> None:
    request = ImportRequest(
        files=(stack,),
        recipe=Recipe(
            read=ReadConfig(mz_list=(ListedIon(mz=5, **{"class": "lipid"}),)), ions=IonsConfig(isotopes="drop")
        ),
        name="a",
        library=library.folder,
        own_files=stack.parent,
    )
    assert ImportJob(store.create(request).path).request == request


@pytest.mark.parametrize("separate", [False, True])
def test_several_files_are_one_data_set_or_several(store, library, stack, small_images, separate) -> None:
    other = stack.with_name("other.npz")
    write_stack(small_images, other)
    request = ImportRequest(files=(stack, other), name="both", library=library.folder, separate=separate)
    job = store.create(request)
    execute_import(job.path)
    assert job.datasets() == (["section", "other"] if separate else ["both"])
    assert sorted(library.names()) == sorted(job.datasets())


def test_each_kind_of_spectra_is_a_data_set(store, library, stack) -> None:
    pixels = [(x, 1, [200.0], [value], text) for x in (1, 2) for value, text in ((2.0, POSITIVE), (9.0, NEGATIVE))]
    files = (write_kinds(stack.with_name("switching.imzML"), pixels), stack)
    recipe = Recipe(read=ReadConfig(spectra="all"))
    for separate, names in (
        (True, ["switching positive MS1", "switching negative MS1", "section"]),
        (False, ["a positive MS1", "a negative MS1"]),
    ):
        given = files if separate else files[:1]
        request = ImportRequest(files=given, name="a", library=library.folder, separate=separate, recipe=recipe)
        job = store.create(request)
        execute_import(job.path)
        assert job.datasets() == names
    assert library.load("a negative MS1").images.max() == 9


def test_a_name_that_was_taken_meanwhile_loses_neither_data_set(store, library, stack, small_images) -> None:
    small_images.subset([0]).save(library.folder / "section")
    job = store.create(ImportRequest(files=(stack,), name="section", library=library.folder))
    execute_import(job.path)
    assert job.datasets() == ["section (2)"]
    assert "this one is called section (2)" in job.warnings()[0]
    assert len(library.load("section")) == 1
    assert len(library.load("section (2)")) == 12


def test_warnings_are_kept(store, library, test_data) -> None:
    file = test_data / "bad" / "07_duplicate_coords.imzML"
    job = store.create(ImportRequest(files=(file,), name="a", library=library.folder))
    execute_import(job.path)
    assert any("several spectra" in message for message in job.warnings())


def test_a_bad_file_is_said_in_words_and_its_upload_kept(store, library, tmp_path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "broken.npz").write_bytes(b"PK\x03\x04nothing")
    job = store.create(ImportRequest(files=(own / "broken.npz",), name="a", library=library.folder, own_files=own))
    execute_import(job.path)
    assert job.status.state == State.FAILED
    assert job.status.message.startswith("broken.npz: ")
    assert "Traceback" not in job.status.message
    assert own.exists()
    assert (library.names(), left_over(library)) == ([], [])


def test_uploaded_files_go_with_the_import(store, library, stack) -> None:
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder, own_files=stack.parent))
    execute_import(job.path)
    assert job.status.state == State.DONE
    assert not stack.parent.exists()


@pytest.fixture
def instead(stack, monkeypatch, children):
    """Return a function that lets the child do something else than import."""

    def instead(code: str) -> None:
        stack.with_suffix(".py").write_text("import errno, os, time\n\ndef make(progress, **given):\n    " + code)
        monkeypatch.setenv(
            "PYTHONPATH", os.pathsep.join(filter(None, (str(stack.parent), os.environ.get("PYTHONPATH"))))
        )
        monkeypatch.setattr("msiss.data.foreign.WORKS", stack.stem)

    return instead


def test_a_stop_leaves_nothing_and_the_import_can_be_started_again(store, library, stack, instead, monkeypatch) -> None:
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder))
    instead("progress(0.1, 'Reading'); time.sleep(600)")
    thread = threading.Thread(target=execute_import, args=(job.path,))
    thread.start()
    while job.status.phase != "Reading":
        assert thread.is_alive(), job.status.message
        time.sleep(0.01)
    job.request_stop()
    thread.join(20)
    assert job.status.state == State.STOPPED
    assert (library.names(), left_over(library)) == ([], [])
    monkeypatch.undo()

    job.clear_stop()
    job.write_status(Status())
    execute_import(job.path)
    assert job.status.state == State.DONE
    assert library.names() == ["a"]


@pytest.mark.parametrize(
    "code",
    [
        "raise OSError(errno.ENOSPC, 'No space left on device')",
        "raise OSError('104857600 requested and 7340032 written')",  # what NumPy makes of it
        "raise OSError(errno.EDQUOT, 'Disk quota exceeded')",
        None,  # a disk that is as good as full
    ],
)
def test_a_full_disk_is_said_and_loses_nothing(store, library, stack, small_images, monkeypatch, instead, code) -> None:
    small_images.save(library.folder / "before")
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder, own_files=stack.parent))
    if code is None:
        monkeypatch.setattr("msiss.data.confined.limits.FREE", 10**18)
    else:
        instead(code)
    execute_import(job.path)
    assert job.status.state == State.FAILED
    assert job.status.message.startswith("The disk is full, so the import could not be finished. There are ")
    assert stack.exists()
    assert (library.names(), left_over(library)) == (["before"], [])

    monkeypatch.undo()
    job.write_status(Status())
    execute_import(job.path)
    assert (job.status.state, library.names()) == (State.DONE, ["a", "before"])


def test_a_reader_that_crashes_is_said_and_loses_nothing(store, library, stack, instead) -> None:
    instead("os.abort()")
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder, own_files=stack.parent))
    execute_import(job.path)
    assert job.status.state == State.FAILED
    assert job.status.message.startswith("section.npz: The program that reads this kind of file crashed on it.")
    assert stack.exists()
    assert (library.names(), left_over(library)) == ([], [])


def test_an_import_that_is_killed_leaves_nothing_listed_and_can_be_started_again(store, library, stack) -> None:
    """The process dies when everything is saved but the name: the worst moment."""
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder))
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from msiss.data.library import DataLibrary\n"
        "from msiss.runs.importer import execute_import\n"
        "DataLibrary.move_in = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "execute_import(Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, job.path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert library.names() == []
    assert left_over(library) == [f".scratch-{job.path.name}"]
    status = job.status
    assert status.state == State.RUNNING  # nobody has missed it yet
    job.write_status(status.model_copy(update={"heartbeat": status.heartbeat - HEARTBEAT_TIMEOUT_SECONDS - 1}))
    assert job.status.state == State.LOST

    execute_import(job.path)
    assert (job.status.state, library.names(), left_over(library)) == (State.DONE, ["a"], [])


@pytest.mark.parametrize("separate", [False, True])
def test_an_import_that_is_killed_before_it_can_tell_is_not_made_twice(store, library, stack, separate) -> None:
    """The process dies between moving the data set in and writing that down."""
    request = ImportRequest(files=(stack,), name="section", library=library.folder, separate=separate)
    job = store.create(request)
    script = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from msiss.runs.imports import ImportJob\n"
        "from msiss.runs.importer import execute_import\n"
        "ImportJob.append_event = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "execute_import(Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, job.path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (library.names(), job.datasets()) == (["section"], [])

    execute_import(job.path)
    assert (job.status.state, library.names(), left_over(library)) == (State.DONE, ["section"], [])
    assert (job.datasets(), job.warnings()) == (["section"], [])
    again = store.create(request)  # of another import, the same file becomes another data set
    execute_import(again.path)
    assert again.datasets() == ["section (2)"]


def test_the_training_that_follows_is_there_though_it_cannot_begin(
    store, library, stack, small_images, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(engine, "connect", Mock(side_effect=RunError("The engine did not start.")))
    monkeypatch.setenv("MSISS_SCHEDULER", "")
    follows = RunToStart(config=PaperConfig(clusters=3, seed=5), runs=tmp_path / "runs", scheduler="tcp://lab:8786")
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder, train=follows))
    for _ in range(2):  # as after a kill before the end was written
        job.write_status(Status())
        execute_import(job.path)
        assert (job.status.state, library.names()) == (State.DONE, ["a"])
        (run,) = RunStore(tmp_path / "runs")
        assert (run.request.dataset, run.request.fingerprint) == (library.path("a"), small_images.fingerprint)
        assert run.config == follows.config
        assert (run.status.state, run.status.message) == (State.FAILED, "The engine did not start.")
    assert os.environ["MSISS_SCHEDULER"] == follows.scheduler


def test_a_data_set_made_of_another_does_not_change_with_it(store, library, small_images) -> None:
    small_images.save(library.folder / "before")
    job = store.create(ImportRequest(files=(library.path("before"),), name="after", library=library.folder))
    execute_import(job.path)
    with (library.path("before") / "images.npy").open("r+b") as file:
        file.seek(-4000, 2)
        file.write(bytes(4000))
    np.testing.assert_array_equal(library.load("after").images, small_images.images)


def test_of_several_data_sets_those_that_are_made_stay_and_are_not_made_twice(store, library, stack) -> None:
    bad = stack.with_name("bad.npz")
    bad.write_bytes(b"nothing")
    job = store.create(ImportRequest(files=(stack, bad), name="both", library=library.folder, separate=True))
    for _ in range(2):
        execute_import(job.path)
        assert job.status.state == State.FAILED
        assert job.status.message.startswith("bad.npz: ")
        assert (job.datasets(), library.names()) == (["section"], ["section"])


def test_a_deleted_import_takes_its_upload_along(store, library, stack) -> None:
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder, own_files=stack.parent))
    job.delete()
    assert not stack.parent.exists()
    assert list(store) == []


def test_progress_says_how_long_it_still_takes(store, library, stack, monkeypatch) -> None:
    seen = []

    def slow(files, recipe, out, *, progress, **more):
        for fraction in (0.0, 0.01, 0.5, 0.6):
            progress(fraction, "Reading")
            time.sleep(0.31)  # longer than between two writings of the status
            seen.append(job.status)
        raise DataError("enough")

    monkeypatch.setattr("msiss.data.foreign.make", slow)
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder))
    execute_import(job.path)
    assert [status.phase for status in seen] == ["Reading"] * 4
    assert [status.seconds_left is None for status in seen] == [True, True, False, False]
    assert 0 < seen[3].seconds_left < 2


def test_what_a_killed_import_left_is_removed_by_the_next(store, library, stack) -> None:
    """A killed import leaves its scratch folder, a status that says it runs, and no lock."""
    killed = store.create(ImportRequest(files=(stack,), name="killed", library=library.folder))
    killed.write_status(Status(state=State.RUNNING, heartbeat=time.time() - HEARTBEAT_TIMEOUT_SECONDS - 1))
    scratch = library.folder / f".scratch-{killed.path.name}"
    scratch.mkdir(parents=True)
    (scratch / "images.npy").write_bytes(bytes(1000))
    assert killed.status.state == State.LOST
    assert "No data set was changed" in killed.status.message
    assert library.names() == []

    alive = store.create(ImportRequest(files=(stack,), name="alive", library=library.folder))
    (library.folder / f".scratch-{alive.path.name}").mkdir()
    with FileLock(alive.path / "lock"):
        other = store.create(ImportRequest(files=(stack,), name="other", library=library.folder))
        execute_import(other.path)
        assert left_over(library) == [f".scratch-{alive.path.name}"]
    execute_import(killed.path)
    assert killed.status.state == State.DONE
    assert library.names() == ["killed", "other"]


def test_what_killed_saves_and_deletions_left_is_removed_after_a_day(tmp_path, library, small_images) -> None:
    library.add(small_images, "whole")
    old, new = (unfinished_name(library.path(name)) for name in ("old", "new"))
    of_others = library.folder / ".snapshot"
    for folder in (old, new, of_others):
        small_images.save(folder)
    yesterday = time.time() - LEFT_SECONDS - 1
    for path in (old, *old.iterdir(), new, of_others, *of_others.iterdir(), library.path("whole")):
        os.utime(path, (yesterday, yesterday))
    clear_up(library.folder, tmp_path / "imports")
    assert left_over(library) == sorted([new.name, of_others.name])
    assert library.names() == ["whole"]


def test_only_one_process_works_on_an_import(store, library, stack) -> None:
    job = store.create(ImportRequest(files=(stack,), name="a", library=library.folder))
    with FileLock(job.path / "lock"):
        execute_import(job.path)
    assert job.status.state == State.QUEUED
    execute_import(job.path)
    execute_import(job.path)  # it is done
    assert library.names() == ["a"]


def test_old_imports_give_way(store, library) -> None:
    for number in range(KEPT + 3):
        store.create(ImportRequest(name=str(number), library=library.folder)).write_status(Status(state=State.DONE))
    assert len(list(store)) == KEPT + 1
    assert next(iter(store)).request.name == str(KEPT + 2)
    waiting = ImportRequest(name="waiting", library=library.folder)
    assert store.get(store.create(waiting).path.name).request.name == "waiting"


def test_a_folder_that_cannot_be_written_is_said(tmp_path, library) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"Nothing can be written to .*Free some space"):
        ImportStore(tmp_path / "file" / "imports").create(ImportRequest(name="a", library=library.folder))


def test_a_name_that_is_a_path_is_no_import(store) -> None:
    with pytest.raises(RunError, match="There is no import"):
        store.get("../runs")
