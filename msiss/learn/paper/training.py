"""The paper's method from prepared ion images to clusters: contrastive learning, clustering, self-labelling.

References
----------
Hu, Bindu & Laskin, Self-supervised clustering of mass spectrometry imaging data using contrastive learning,
Chem. Sci. 2022, 13, 90, doi:10.1039/D1SC04077D.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from msiss.analyse.clustering import spectral_clusters
from msiss.data.prepare import Prepared
from msiss.learn.events import Event, Note
from msiss.learn.history import History
from msiss.learn.learned import Learned
from msiss.learn.loop import Phase, train
from msiss.learn.paper.config import CONTRASTIVE, PRETRAINED, SELF_LABELLED, PaperConfig
from msiss.learn.paper.efficientnet import FEATURES
from msiss.learn.paper.encoders import build_encoder
from msiss.learn.paper.phases import Classify, Contrastive, SelfLabel
from msiss.learn.paper.start import start_from
from msiss.learn.progress import Pace

ENCODE_BATCH = 256  # images per forward pass without gradients


def learn_paper(
    prepared: Prepared, config: PaperConfig, device: torch.device, checkpoints: Path
) -> Iterator[Event | Learned]:
    """Train by the paper's method; see `msiss.learn.pipeline.learn`.

    Its features, 1280 per ion, are those before training, after contrastive learning and after self-labelling. Its
    clusters are those of the last two, with matching numbers, as self-labelling starts from the clusters of contrastive
    learning; the confidence is the softmax probability of each ion's cluster.
    """
    number = len(prepared)
    contrastive_seed, classifier_seed, self_label_seed, weights_seed = np.random.SeedSequence(config.seed).spawn(4)
    stack = torch.from_numpy(prepared.images).unsqueeze(1).to(device)  # (N, 1, S, S)
    inside = torch.from_numpy(prepared.mask).to(device)
    with torch.random.fork_rng(devices=[]):  # initialise the heads by the seed without changing the global generator
        torch.manual_seed(int(weights_seed.generate_state(1, np.uint64)[0] >> 1))
        encoder = build_encoder(config.encoder)
        start_from(encoder, config)
        encoder.to(device)
        contrastive = Contrastive(encoder, stack, inside, config.contrastive).to(device)
        classifier = nn.Linear(FEATURES, config.clusters).to(device)
    pace = Pace(_total_work(number, config))

    def trained(phase: Phase, seed: np.random.SeedSequence) -> Iterator[Event]:
        return train(
            phase,
            number=number,
            batch_size=config.batch_size,
            seed=seed,
            checkpoint=checkpoints / f"{phase.name}.safetensors",
            pace=pace,
        )

    features = {PRETRAINED: encode(encoder, stack)}
    yield from trained(contrastive, contrastive_seed)

    features[CONTRASTIVE] = encode(encoder, stack)
    initial = spectral_clusters(
        features[CONTRASTIVE], config.clusters, n_neighbours=config.neighbours, seed=config.seed
    )
    targets = torch.from_numpy(initial).to(device)
    yield from trained(Classify(encoder, classifier, stack, targets, config.classifier), classifier_seed)

    before = _probabilities(classifier, encode(encoder, stack))  # (N, K)
    probability = before.max(1)  # (N,)
    threshold = config.self_label.threshold
    if config.self_label.threshold_is_quantile:
        threshold = float(np.quantile(probability, threshold))
    confident = float((probability > threshold).mean())
    yield Note(f"Self-labelling starts with {confident:.0%} of the ion images: probability above {threshold:.2f}.")
    if confident == 0:
        yield Note("No ion image is confident enough to teach: lower the threshold, or take it as a quantile.")
    labelling = SelfLabel(encoder, classifier, stack, inside, threshold, config.self_label)
    yield from trained(labelling, self_label_seed)

    features[SELF_LABELLED] = encode(encoder, stack)
    final = _probabilities(classifier, features[SELF_LABELLED])  # (N, K)
    yield Learned(
        features=features,
        clusters={
            CONTRASTIVE: initial,
            SELF_LABELLED: final.argmax(1),
        },
        confidence=final.max(1),
        weights=nn.ModuleDict({"encoder": encoder, "classifier": classifier}).state_dict(),
        encode=lambda further: encode(encoder, torch.from_numpy(further.images).unsqueeze(1).to(device)),
        history=History(np.vstack([before.argmax(1).astype(np.int16), labelling.seen.cpu().numpy()]), probability),
    )


def encode(encoder: nn.Module, stack: torch.Tensor) -> np.ndarray:
    """Return the features of every image of `stack` (N, 1, S, S) as an ndarray of shape (N, 1280), float32."""
    encoder.eval()
    with torch.inference_mode():
        return torch.cat([encoder(batch).float() for batch in stack.split(ENCODE_BATCH)]).cpu().numpy()


def _probabilities(classifier: nn.Linear, features: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        logits = classifier(torch.from_numpy(features).to(classifier.weight.device))
        return logits.softmax(1).cpu().numpy()


def _total_work(number: int, config: PaperConfig) -> float:
    phases = ((Contrastive, config.contrastive), (Classify, config.classifier), (SelfLabel, config.self_label))
    return sum(number * phase.cost * settings.epochs for phase, settings in phases)
