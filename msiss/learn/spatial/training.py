"""The method spatial: from prepared ion images to clusters.

Measures without training compare the images at their own resolution. The ions that the joint one finds near to each
other are the positives with which a small network is trained that preserves the position of structures. All together,
with equal weights and in the context of all ions, they are the similarity, and ions are grouped by the consensus of
several clusterings. The choice of each part is documented in `benchmarks/RESEARCH.md`.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from msiss.analyse.consensus import consensus_clusters
from msiss.analyse.context import contextual_vectors
from msiss.analyse.measures import BLOCK, Transform, fit
from msiss.analyse.measures.fusion import fuse, spread
from msiss.analyse.representations import JOINT, WHITENED, WITH_NEIGHBOURS
from msiss.analyse.similarity import compact, nearest_among
from msiss.analyse.sketch import MOST_EXACT, landmarks, mapped, shorten, stacked
from msiss.data.prepare import Prepared
from msiss.learn.events import Event, PhaseStarted, Step
from msiss.learn.learned import Learned
from msiss.learn.loop import train
from msiss.learn.progress import Pace
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.learn.spatial.method import measures_seconds, training_seconds
from msiss.learn.spatial.network import PlaceContrast, PlaceNetwork
from msiss.learn.spatial.scales import Scales
from msiss.learn.spatial.views import box

ENCODE_BATCH = 256  # images at a time without gradients


def learn_spatial(
    prepared: Prepared, config: SpatialConfig, device: torch.device, checkpoints: Path
) -> Iterator[Event | Learned]:
    """Train by the method spatial; see `msiss.learn.pipeline.learn`.

    The confidence of an ion is its mean co-association with the other ions of its cluster.
    """
    if device.type == "mps":  # torch has no Poisson sampling there; the network is small enough for the CPU
        device = torch.device("cpu")
    settings = config.spatial
    network_seed, weights_seed = np.random.SeedSequence(config.seed).spawn(2)

    yield PhaseStarted("measures")
    share = measures_seconds(len(prepared)) / training_seconds(config, len(prepared))  # of the progress bar
    measures = fit_measures(prepared.cleaned, prepared.measured)
    yield Step(share / 4)
    plain = []
    for done, measure in enumerate(measures, start=2):
        plain.append(compact(mapped(measure, prepared.cleaned, BLOCK)))
        yield Step(share * done / 4)
    near = _neighbours(plain[0], settings.near_ions)
    yield Step(share)

    part = box(torch.from_numpy(prepared.mask))
    inside = torch.from_numpy(prepared.mask)[part].to(device)
    scales = Scales(inside).to(device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_number(weights_seed))
        network = PlaceNetwork((inside.shape[0], inside.shape[1])).to(device)

    def stack(some: Prepared) -> torch.Tensor:
        return torch.from_numpy(some.images)[:, None, *part].contiguous().to(device)  # (M, 1, H, W)

    phase = PlaceContrast(network, scales, stack(prepared), inside, torch.from_numpy(near).to(device), settings)
    pace = Pace(len(prepared) * phase.cost * phase.epochs / max(1 - share, 1e-6))
    pace.advance(share * pace.total)
    yield from train(
        phase,
        number=len(prepared),
        batch_size=settings.batch_size,
        seed=network_seed,
        checkpoint=checkpoints / f"{phase.name}.safetensors",
        pace=pace,
    )
    network.eval()
    trained = features_of(network, scales, phase.images)
    scale = float(1 / np.sqrt(spread(trained)))

    def encode(further: Prepared) -> np.ndarray:
        parts = [stacked(measure, further.cleaned, BLOCK) for measure in measures]
        return np.concatenate([*parts, scale * features_of(network, scales, stack(further))], axis=1)

    together = shorten(np.concatenate([*plain, scale * trained], axis=1))
    features = contextual_vectors(together, WITH_NEIGHBOURS)
    consensus = consensus_clusters(features, config.clusters, seed=config.seed)
    yield Learned(
        features={NAME: features},
        clusters={NAME: consensus.clusters},
        confidence=consensus.confidence,
        weights=network.state_dict(),
        encode=encode,
    )


def fit_measures(images: np.ndarray, mask: np.ndarray) -> list[Transform]:
    """Return what msiss knows without training: the measure joint, and whitened pixels as loud as each of its parts.

    Parameters
    ----------
    images : ndarray of shape (N, H, W)
        Cleaned ion images at their own resolution.
    mask : ndarray of shape (H, W), bool
    """
    return [fit(JOINT, images, mask), fuse([fit(WHITENED, images, mask)], images)]


def _neighbours(vectors: np.ndarray, number: int) -> np.ndarray:
    """Return the nearest ions of each ion in the context of all; of many ions, those among the landmarks."""
    among = np.arange(len(vectors)) if len(vectors) <= MOST_EXACT else landmarks(len(vectors))
    return nearest_among(contextual_vectors(vectors, WITH_NEIGHBOURS), among, number)


@torch.inference_mode()
def features_of(network: PlaceNetwork, scales: Scales, stack: torch.Tensor) -> np.ndarray:
    """Return the features of a trained network, of length 1, of images (N, 1, H, W) as an ndarray (N, 256), float32."""
    parts = [F.normalize(network(scales(batch)), dim=1) for batch in stack.split(ENCODE_BATCH)]
    return torch.cat(parts).cpu().numpy()


def _number(seed: np.random.SeedSequence) -> int:
    return int(seed.generate_state(1, np.uint64)[0] >> 1)
