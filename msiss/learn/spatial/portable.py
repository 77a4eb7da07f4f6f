"""The small network of the method spatial for other programs: convolutions, and the constants of its bands."""

from collections.abc import Mapping

import numpy as np
import torch

from msiss.data.prepare import Prepared
from msiss.learn.portable import Portable
from msiss.learn.spatial.config import NAME, SpatialConfig
from msiss.learn.spatial.method import TITLE
from msiss.learn.spatial.network import CHANNELS, FEATURES, FLAT_CHANNELS, GROUPS, PlaceNetwork
from msiss.learn.spatial.scales import SIGMAS, Scales
from msiss.learn.spatial.training import features_of
from msiss.learn.spatial.views import box

LINEAR = 3 * 3 + 2  # place of the linear layer: after three blocks of three layers, a convolution and flattening

EXAMPLE = f"""\
import torch
from safetensors.torch import load_file
from torch.nn import GELU, Conv2d, Flatten, GroupNorm, Linear, Sequential
from torch.nn.functional import normalize

tensors = load_file("encoder.safetensors")
layer = lambda inputs, stride: [Conv2d(inputs, {CHANNELS}, 3, stride, 1), GroupNorm({GROUPS}, {CHANNELS}), GELU()]
maps = [*layer({len(SIGMAS)}, 2), *layer({CHANNELS}, 2), *layer({CHANNELS}, 1), Conv2d({CHANNELS}, {FLAT_CHANNELS}, 1)]
network = Sequential(*maps, Flatten(), Linear(*reversed(tensors["network.{LINEAR}.weight"].shape))).eval()
network.load_state_dict({{name[8:]: value for name, value in tensors.items() if name.startswith("network.")}})

inside, number = tensors["inside"], tensors["inside"].sum()
top, bottom, left, right = tensors["box"].tolist()
with torch.inference_mode():
    part = images[:, :, top:bottom, left:right] * inside
    part = part / (part.sum((2, 3), keepdim=True) / number).clamp(min=1e-12)
    roots = (tensors["rows"] @ part @ tensors["columns"].mT / tensors["sums"].clamp(min=1e-6)).clamp(min=0).sqrt()
    coarsest = roots[:, -1:] * inside
    coarsest = coarsest - coarsest.sum((2, 3), keepdim=True) / number
    bands = torch.cat([roots[:, :-1] - roots[:, 1:], coarsest], dim=1) * inside
    features = normalize(network(bands), dim=1)
"""


def portable(weights: Mapping[str, np.ndarray], config: SpatialConfig, prepared: Prepared) -> Portable:  # noqa: ARG001
    """Return the small network, with the smoothing matrices of its bands and the box of the section in the image."""
    mask = torch.from_numpy(prepared.mask)
    rows, columns = box(mask)
    scales = Scales(mask[rows, columns])
    constants = {name: getattr(scales, name).numpy() for name in ("inside", "sums", "rows", "columns")}
    edges = np.array([rows.start, rows.stop, columns.start, columns.stop], dtype=np.int64)
    network = PlaceNetwork((scales.inside.shape[0], scales.inside.shape[1]))
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    stack = torch.from_numpy(prepared.images)[:, None, rows, columns].contiguous()
    features = features_of(network.eval(), scales, stack)
    names = {"maps.": "network.", "features.": f"network.{LINEAR}."}
    own = {}
    for name, value in weights.items():
        prefix = next(prefix for prefix in names if name.startswith(prefix))
        own[names[prefix] + name.removeprefix(prefix)] = value
    gives = (
        f"Its features, {FEATURES} per image, of length 1, are those of the small network alone. The representation "
        f"{NAME} of the run ({TITLE}) joins them with five measures without training and compares the ions in the "
        "context of all, so its cosines are others. The network knows the grid of this section only: its features of "
        "another section mean nothing."
    )
    about = {"architecture": "PlaceNetwork", "features": str(FEATURES), "sigmas": " ".join(map(str, SIGMAS))}
    return Portable({**own, **constants, "box": edges}, features, gives, EXAMPLE, about)
