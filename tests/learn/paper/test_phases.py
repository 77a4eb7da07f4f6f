"""The loop: batches, learning rate, events and what each phase trains."""

import math
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from msiss.learn import loop
from msiss.learn.events import EpochEnded, PhaseStarted, Step
from msiss.learn.loop import batches, train
from msiss.learn.paper.config import ClassifierConfig, ContrastiveConfig
from msiss.learn.paper.encoders import LITE0, build_encoder
from msiss.learn.paper.phases import Classify, Contrastive, SelfLabel
from msiss.learn.progress import Pace


@given(st.integers(1, 2000), st.integers(8, 400))
def test_batches_are_equal_and_leave_out_fewer_images_than_there_are_batches(number: int, batch_size: int) -> None:
    parts = batches(np.arange(number), batch_size)
    seen = np.concatenate(parts)
    assert len({len(part) for part in parts}) == 1
    assert len(np.unique(seen)) == len(seen) > number - len(parts)


def test_the_paper_s_data_make_its_two_batches() -> None:
    assert [len(part) for part in batches(np.arange(367), 183)] == [183, 183]


@given(st.integers(1, 2000), st.integers(8, 400), st.integers(1, 3))
def test_an_epoch_has_the_least_number_of_batches(number: int, batch_size: int, least: int) -> None:
    parts = batches(np.arange(number), batch_size, least)
    assert len(parts) == max(least, round(number / batch_size))
    if number // least >= 8:
        assert len(np.unique(np.concatenate(parts))) == len(parts) * len(parts[0]) > number - len(parts)
    else:
        assert all(set(part) == set(range(number)) for part in parts)


@pytest.mark.parametrize(("number", "sizes"), [(367, [183] * 2), (274, [137] * 2), (79, [39] * 2), (15, [15] * 2)])
def test_every_phase_of_the_paper_takes_two_steps_an_epoch_where_there_are_few_images(
    number: int, sizes: list[int], tmp_path: Path
) -> None:
    assert {phase.least_batches for phase in (Contrastive, Classify, SelfLabel)} == {2}
    seen: list[np.ndarray] = []
    phase = classify(1)
    phase.least_batches = Classify.least_batches
    phase.images, phase.labels = torch.eye(number, 6), torch.arange(number) % 3
    phase.encoder.register_forward_hook(lambda *hooked: seen.append(hooked[2].shape[0]))
    seed = np.random.SeedSequence(0)
    list(train(phase, number=number, batch_size=183, seed=seed, checkpoint=tmp_path / "c", pace=Pace(1)))
    assert seen == sizes


def classify(epochs: int) -> Classify:
    """Six "images" that an encoder without parameters turns into orthogonal features, in three classes."""
    images = torch.eye(6)
    labels = torch.tensor([0, 0, 1, 1, 2, 2])
    classifier = nn.Linear(6, 3)
    nn.init.zeros_(classifier.weight)
    nn.init.zeros_(classifier.bias)
    phase = Classify(nn.Identity(), classifier, images, labels, ClassifierConfig(epochs=epochs, learning_rate=0.5))
    phase.least_batches = 1  # all images at once are easier to follow
    return phase


def train_in(folder: Path, phase: Classify) -> list[object]:
    pace = Pace(phase.epochs * 6 * phase.cost)
    checkpoint = folder / "classifier.safetensors"
    return list(train(phase, number=6, batch_size=8, seed=np.random.SeedSequence(0), checkpoint=checkpoint, pace=pace))


def test_events_and_loss_of_a_phase(tmp_path: Path) -> None:
    events = train_in(tmp_path, classify(30))
    assert events[0] == PhaseStarted("classifier", 30)
    assert [type(event) for event in events[1:]] == [Step, EpochEnded] * 30
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert ended[0].values["loss"] == pytest.approx(math.log(3))  # three classes, nothing known yet
    assert ended[-1].values["loss"] < 0.1
    assert [event.epoch for event in ended] == list(range(1, 31))
    assert [event.fraction for event in events if isinstance(event, Step)][-1] == pytest.approx(1)
    assert (tmp_path / "classifier.safetensors").exists()


def test_learning_rate_follows_the_cosine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = []
    step = torch.optim.Adam.step

    def recorded(self: torch.optim.Adam, *args: object, **kwargs: object) -> object:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(torch.optim.Adam, "step", recorded)
    pace = Pace(1)
    list(
        train(classify(4), number=6, batch_size=8, seed=np.random.SeedSequence(0), checkpoint=tmp_path / "c", pace=pace)
    )
    assert rates == pytest.approx([0.5 * (1 + math.cos(math.pi * epoch / 4)) / 2 for epoch in range(4)])


def test_global_random_numbers_are_left_alone(tmp_path: Path) -> None:
    phase = classify(2)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    train_in(tmp_path, phase)
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("known", [True, False])
def test_bfloat16_only_for_a_phase_that_allows_it_on_a_device_that_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(loop, "knows_bfloat16", lambda _device: known)
    seen: list[torch.dtype] = []
    for allowed in (True, False):
        phase = classify(1)
        phase.in_bfloat16 = allowed
        phase.classifier.register_forward_hook(lambda *hooked: seen.append(hooked[2].dtype))
        train_in(tmp_path / str(allowed), phase)
        assert phase.classifier.weight.dtype == torch.float32
    assert seen == [torch.bfloat16 if known else torch.float32, torch.float32]


def contrastive(*, half: bool) -> Contrastive:
    images = torch.rand(8, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = build_encoder(LITE0)
        phase = Contrastive(encoder, images, torch.ones(32, 32, dtype=torch.bool), ContrastiveConfig(epochs=3))
    phase.in_bfloat16 = half
    return phase


def test_contrastive_learning_reports_alignment_and_uniformity_beside_its_loss() -> None:
    outcome = contrastive(half=False)(torch.arange(8), torch.Generator().manual_seed(0))
    assert outcome["loss"].requires_grad
    assert not outcome["alignment"].requires_grad
    assert 0 < float(outcome["alignment"]) < 4  # squared distance of unit vectors
    assert -8 < float(outcome["uniformity"]) < 0


@pytest.mark.parametrize("half", [True, False])
def test_contrastive_training_that_was_resumed_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bool
) -> None:
    monkeypatch.setattr(loop, "knows_bfloat16", lambda _device: True)  # whatever machine runs the test
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)

    def run(folder: Path, phase: Contrastive, *, until: int) -> Contrastive:
        checkpoint, seed = folder / "checkpoint", np.random.SeedSequence(1)
        events = train(phase, number=8, batch_size=8, seed=seed, checkpoint=checkpoint, pace=Pace(1))
        list(takewhile(lambda event: not (isinstance(event, EpochEnded) and event.epoch == until), events))
        return phase

    whole = run(tmp_path / "whole", contrastive(half=half), until=3)
    run(tmp_path / "parts", contrastive(half=half), until=1)
    resumed = run(tmp_path / "parts", contrastive(half=half), until=3)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
