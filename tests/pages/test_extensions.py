"""A method, an encoder, a measure, a score and a format from outside go through everything by their records alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import toys

from msiss.analyse.representations import REPRESENTATIONS
from msiss.analyse.scores import SCORES
from msiss.analyse.similarity import cosine_similarity
from msiss.cli.main import main
from msiss.data.formats import FORMATS
from msiss.data.ion_images import IonImages
from msiss.data.prepare import clean
from msiss.home import datasets_folder, runs_folder
from msiss.learn.methods import METHODS
from msiss.learn.paper.encoders import ENCODERS
from msiss.registry import Registry
from msiss.runs.store import Run, RunStore
from msiss.share.methods import methods_text

EXPLORE = ("explore/map", "explore/clusters", "explore/similarity", "explore/quality", "share/report")
SHORT = ("contrastive.epochs", "classifier.epochs", "self_label.epochs")


@pytest.fixture
def added() -> Iterator[object]:
    """Return a function that adds a record until the test is over."""
    known: list[tuple[Registry, str]] = []

    def add(registry: Registry, record: object) -> None:
        registry.add(record)
        known.append((registry, record.name))

    yield add
    for registry, name in reversed(known):
        registry.remove(name)


@pytest.fixture
def images(msiss_home: Path, small_images: IonImages) -> IonImages:
    small_images.save(datasets_folder() / "small")
    return small_images


def trained(*options: str) -> Run:
    command = ["run", str(datasets_folder() / "small"), "--clusters", "3", "--here", "--set", "device=cpu"]
    assert main([*command, "--set", "neighbours=4", *options]) == 0
    return next(iter(RunStore(runs_folder())))


def told(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.success, *app.code]
    return "\n".join(str(part.value) for part in parts)


def test_a_method(added, images, open_page, capsys, tmp_path) -> None:
    added(METHODS, toys.METHOD)
    run = trained("--preset", "toy-fine", "--set", "views.fading=0.25")
    assert (run.config.method, run.config.grid, run.config.views.fading) == ("toy", 8, 0.25)
    assert run.representations[0] == "blocks"
    assert "blocks" in run.mapped
    assert run.features("blocks").shape == (12, 64)
    assert "8 x 8 blocks of 12 ion images" in methods_text(run, images)
    assert "Block, B. J. Blocks" in methods_text(run, images)

    capsys.readouterr()
    assert main(["score", str(run.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["representations"]["blocks"]["ari"] == 1
    assert main(["recluster", str(run.path), "--clusters", "4"]) == 0
    assert "The 3 clusters of the blocks are lost." in capsys.readouterr().out
    assert main(["export", str(run.path), "--to", str(tmp_path / "out"), "--by", "blocks"]) == 0

    for page in EXPLORE:
        app = open_page(page)
        assert not app.error, page
    assert "Block, B. J. Blocks" in told(app)
    app = open_page("train/cluster")
    assert "8 blocks" in told(app)
    app.radio(key="method choice").set_value("toy").run()
    app.number_input(key="setting grid").set_value(5).run()
    assert app.session_state["settings"].grid == 5
    assert "1 value changed" in told(app)
    app.segmented_control(key="preset choice").set_value("toy-fine").run()
    assert app.session_state["settings"].grid == 8
    app.switch_page("pages/train/augment.py").run()
    app.segmented_control(key="strength views").set_value("strong").run()
    assert app.session_state["settings"].views.fading == 0.9
    assert not app.error
    assert not app.exception


def test_an_encoder(added, images, open_page) -> None:
    added(ENCODERS, toys.ENCODER)
    run = trained(*("--preset", "quick", "--encoder", "toy-net"), *(f"--set={name}=1" for name in SHORT))
    assert run.config.encoder == "toy-net"
    text = methods_text(run, images)
    assert "An ImageNet-pretrained ToyNet (Toy 1999) was re-trained" in text
    assert "Toy, T. J. Toys" in text
    app = open_page("train/cluster")
    assert "toy-net, 1 + 1 + 1 epochs" in told(app)
    app.radio(key="method choice").set_value("paper").run()
    assert "toy-net" in app.selectbox(key="setting encoder").options
    app.selectbox(key="setting encoder").select("toy-net").run()
    assert app.session_state["settings"].encoder == "toy-net"
    assert "ToyNet knows nothing." in told(app)
    assert "This training takes" in told(app)


def test_a_measure(added, images, open_page, capsys) -> None:
    added(REPRESENTATIONS, toys.MEASURE)
    added(METHODS, toys.METHOD)
    app = open_page("explore/similarity")
    app.segmented_control(key="similarity part").set_value("Partners of an ion").run()
    app.selectbox(key="similarity right").select("rows").run()
    assert "**Means of rows**" in told(app)
    run = trained("--preset", "toy")
    expected = cosine_similarity(toys.fit_rows(images.images, images.mask)(clean(images, run.config.prepare)))
    np.testing.assert_allclose(cosine_similarity(run.features("rows")), expected, atol=1e-5)
    assert "and by the means of their rows." in methods_text(run, images)
    assert "Row, R. J. Rows" in methods_text(run, images)
    capsys.readouterr()
    assert main(["score", str(run.path)]) == 0
    assert any(line.startswith("rows ") for line in capsys.readouterr().out.splitlines())
    for page in EXPLORE:
        assert not open_page(page).error, page


def test_a_score(added, finished_run, open_page, capsys) -> None:
    added(SCORES, toys.SCORE)
    assert main(["score", str(finished_run.path), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["representations"]
    for name, row in scores.items():
        assert row["largest"] == finished_run.clusters()[name].value_counts().max() / 12
    assert main(["score", str(finished_run.path)]) == 0
    assert f"largest {scores['joint']['largest']:.3f}" in capsys.readouterr().out
    app = open_page("explore/quality")
    assert "- **Largest cluster**: share of the ions that are in the largest cluster." in told(app)
    assert "Known classes, largest cluster: " in told(app)
    assert any("Largest cluster" in frame.value.columns for frame in app.table)


def test_an_input_format(added, small_images, msiss_home, open_page, monkeypatch, capsys) -> None:
    added(FORMATS, toys.FORMAT)
    file = msiss_home / "server" / "section.toy"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"images": small_images.images.tolist(), "mz": small_images.mz.tolist()}))
    assert main(["check", str(file)]) == 0
    assert main(["import", str(file), "--out", str(msiss_home / "out")]) == 0
    np.testing.assert_array_equal(IonImages.load(msiss_home / "out").images, small_images.images)
    capsys.readouterr()
    (msiss_home / "what.else").touch()
    assert main(["check", str(msiss_home / "what.else")]) == 1
    assert "toy files" in capsys.readouterr().out
    monkeypatch.setenv("MSISS_DATA_ROOTS", str(file.parent))
    app = open_page("data/open")
    assert any("section.toy" in str(box.options) for box in [*app.selectbox, *app.multiselect])
