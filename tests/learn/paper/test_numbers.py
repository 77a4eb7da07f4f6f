"""Numbers of the paper's method that no other test holds still, each with where it is written.

The paper is Hu, Bindu & Laskin, Chem. Sci. 2022, 13, 90; the code is that of its authors,
https://github.com/LabLaskin/MSI-self-supervised-clustering, with `main.ipynb` as the notebook. Epochs, learning rates,
batch size, temperature, neighbours, threshold and the ranges of views are in `test_config.py`, blur kernel and noise in
`test_augment.py`, the normalisation of B0 in `test_encoders.py`, the two batches and the cosine in `test_phases.py`,
class balance in `test_losses.py`, the ten neighbours and `discretize` in `test_clustering.py`.
"""

import pytest
import torch
from torch import nn

from msiss.learn.paper.config import (
    AUGMENT_PRESETS,
    AugmentStrength,
    ClassifierConfig,
    ContrastiveConfig,
    SelfLabelConfig,
)
from msiss.learn.paper.efficientnet import EfficientNetEncoder
from msiss.learn.paper.encoders import LITE0, build_encoder
from msiss.learn.paper.phases import Classify, Contrastive, SelfLabel

IMAGES = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0))
MASK = torch.ones(32, 32, dtype=torch.bool)


@pytest.fixture(scope="module")
def encoder() -> EfficientNetEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_encoder(LITE0)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_projection_head_is_that_of_the_code(encoder: EfficientNetEncoder) -> None:
    # models.py, CLR: linear 1280 -> 1280, ReLU, linear 1280 -> 1024.
    head = Contrastive(encoder, IMAGES, MASK, ContrastiveConfig()).projection
    assert [type(layer) for layer in head] == [nn.Linear, nn.ReLU, nn.Linear]
    assert [(layer.in_features, layer.out_features) for layer in head[::2]] == [(1280, 1280), (1280, 1024)]


def test_contrast_of_the_views_is_that_of_the_code() -> None:
    # augmentations.py, trans_color1 (weak) and trans_color2 (medium, strong).
    assert [AUGMENT_PRESETS[strength].contrast for strength in AugmentStrength] == [0.25, 0.5, 0.5]


def test_each_phase_sees_the_views_of_the_notebook() -> None:
    # Section 2.0 and 4: medium for SimCLR; weak for the target and strong for what is taught.
    assert ContrastiveConfig().views == AUGMENT_PRESETS[AugmentStrength.MEDIUM]
    assert SelfLabelConfig().weak_views == AUGMENT_PRESETS[AugmentStrength.WEAK]
    assert SelfLabelConfig().strong_views == AUGMENT_PRESETS[AugmentStrength.STRONG]


def test_dropout_and_running_statistics_are_those_of_the_published_network(encoder: EfficientNetEncoder) -> None:
    # models.py leaves them as efficientnet_pytorch has them: 0.2, 0.2, and a momentum of 0.99 in TensorFlow's sense.
    assert encoder.network._dropout.p == 0.2
    assert encoder.network._global_params.drop_connect_rate == 0.2
    momenta = [module.momentum for module in encoder.modules() if isinstance(module, nn.BatchNorm2d)]
    assert momenta == pytest.approx([0.01] * len(momenta))


def test_every_phase_is_trained_by_adam_as_it_is(encoder: EfficientNetEncoder) -> None:
    # models.py, get_*_training_components: Adam(parameters, lr), everything else as torch has it.
    classifier = nn.Linear(1280, 3)
    labels = torch.zeros(4, dtype=torch.int64)
    phases = (
        Contrastive(encoder, IMAGES, MASK, ContrastiveConfig()),
        Classify(encoder, classifier, IMAGES, labels, ClassifierConfig()),
        SelfLabel(encoder, classifier, IMAGES, MASK, 0.9, SelfLabelConfig()),
    )
    encoder_only = {id(parameter) for parameter in encoder.parameters()}
    trains_encoder = []
    for phase, rate in zip(phases, (1e-3, 1e-3, 1e-4), strict=True):
        optimizer = phase.optimizer()
        assert type(optimizer) is torch.optim.Adam
        [group] = optimizer.param_groups
        settings = (group["lr"], group["betas"], group["eps"], group["weight_decay"], group["amsgrad"])
        assert settings == (rate, (0.9, 0.999), 1e-8, 0, False)
        trains_encoder.append(encoder_only <= {id(parameter) for parameter in group["params"]})
    assert trains_encoder == [True, False, True]


def test_learning_rates_fall_by_a_cosine_step_per_epoch(encoder: EfficientNetEncoder) -> None:
    # models.py, CosineAnnealingLR over the epochs, stepped once per epoch: half after half of them.
    phase = Contrastive(encoder, IMAGES, MASK, ContrastiveConfig())
    assert [phase.rate(epoch) for epoch in (0, 0.5, 25, 25.9)] == pytest.approx([1e-3, 1e-3, 5e-4, 5e-4])


def test_step_two_leaves_the_encoder_but_renews_its_running_statistics(encoder: EfficientNetEncoder) -> None:
    # models.py, train_CLS: the base is frozen, but the model never leaves the training mode.
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    phase = Classify(encoder, nn.Linear(1280, 3), IMAGES, torch.tensor([0, 1, 2, 0]), ClassifierConfig()).train()
    phase(torch.arange(4), generator())["loss"].backward()
    assert all(parameter.grad is None for parameter in encoder.parameters())
    changed = {name for name, tensor in encoder.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed
    assert all("running" in name or "num_batches" in name for name in changed)


def test_weak_and_strong_views_pass_the_encoder_one_after_the_other(encoder: EfficientNetEncoder) -> None:
    # models.py, train_FineTune: two passes in training mode, so each kind of view is normalised by its own.
    sizes: list[int] = []
    phase = SelfLabel(encoder, nn.Linear(1280, 3), IMAGES, MASK, 0.0, SelfLabelConfig()).train()
    hook = encoder.register_forward_hook(lambda *hooked: sizes.append(len(hooked[2])))
    phase(torch.arange(4), generator())
    hook.remove()
    assert sizes == [4, 4]


def test_the_two_views_of_simclr_pass_the_encoder_one_after_the_other() -> None:
    # models.py, train_CLR: proj_X, then proj_Y; each batch of views is normalised by its own statistics.
    seen: list[torch.Tensor] = []
    norm = nn.BatchNorm1d(1280, momentum=0.1)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(1024, 1280), norm)
    norm.register_forward_hook(lambda *hooked: seen.extend((hooked[1][0].detach(), hooked[2].detach())))
    phase = Contrastive(encoder, IMAGES, MASK, ContrastiveConfig()).train()
    phase(torch.arange(4), generator())
    first, second = seen[::2]  # what the normalisation was given of each of the two views
    for given, normalised in ((first, seen[1]), (second, seen[3])):
        assert given.shape == (4, 1280)
        slow = (given - given.mean(0)) / (given.var(0, unbiased=False) + norm.eps).sqrt()
        torch.testing.assert_close(normalised, slow, rtol=1e-3, atol=1e-3)
    assert not torch.allclose(first, second)
    assert int(norm.num_batches_tracked) == 2
    once = 0.1 * first.mean(0)
    torch.testing.assert_close(norm.running_mean, 0.9 * once + 0.1 * second.mean(0))
