"""The small network for other programs: the example gives its features, and needs PyTorch alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import run_example
from safetensors.numpy import save_file

from msiss.data.prepare import Prepared
from msiss.learn.methods import preset_config
from msiss.learn.spatial.network import PlaceNetwork
from msiss.learn.spatial.portable import portable
from msiss.learn.spatial.scales import Scales
from msiss.learn.spatial.training import features_of


@pytest.mark.parametrize(("rows", "columns"), [((0, 32), (0, 32)), ((3, 30), (5, 26))])
def test_the_example_gives_the_features(rows: tuple[int, int], columns: tuple[int, int], tmp_path: Path) -> None:
    mask = np.zeros((32, 32), dtype=bool)
    mask[slice(*rows), slice(*columns)] = True
    mask[rows[0], columns[0]] = False
    images = np.random.default_rng(0).uniform(size=(5, 32, 32)).astype(np.float32) * mask
    images[4] = 0
    torch.manual_seed(0)
    part = (slice(*rows), slice(*columns))
    network = PlaceNetwork((rows[1] - rows[0], columns[1] - columns[0])).eval()
    scales = Scales(torch.from_numpy(mask)[part])
    expected = features_of(network, scales, torch.from_numpy(images)[:, None, *part].contiguous())

    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    found = portable(weights, preset_config("msiss", clusters=3), Prepared(images, mask, images, mask))
    np.testing.assert_allclose(found.features, expected, atol=1e-6)
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in found.tensors.items()},
              tmp_path / "encoder.safetensors")  # fmt: skip
    np.testing.assert_allclose(run_example(found.example, tmp_path, images), expected, atol=1e-5)
    assert "msiss" not in found.example
    assert "not those" not in found.gives
    assert "cosines are others" in found.gives  # than those of the representation
