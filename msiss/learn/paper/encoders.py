"""The encoders that the paper's method can re-train, free of torch: one record each.

To add one, write a function that returns a module which turns images of shape (B, 1, H, W) into 1280 features, such as
those of `msiss.learn.paper.efficientnet`, and add an `Encoder` here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msiss.registry import Registry, load

if TYPE_CHECKING:
    from torch import nn

B0, LITE0 = "efficientnet-b0", "efficientnet-lite0"
TAN = "Tan, M.; Le, Q. V. Proc. Mach. Learn. Res. 2019, 97, 6105-6114"


@dataclass(frozen=True)
class Encoder:
    """A convolutional network that maps an ion image to 1280 features.

    Attributes
    ----------
    name : str
        In settings, files and commands.
    title : str
        In the methods text.
    cited : str
        Its citation, in parentheses after the title.
    build : str
        The function that returns it with its ImageNet weights on the CPU, as "module:function".
    seconds : tuple of 3 float
        Time for one ion image of 96 x 96 pixels on two idle cores in one epoch of contrastive learning, of the
        classifier and of self-labelling.
    note : str
        Note for users who choose it; may be empty.
    references : tuple of str
        Publications that the methods text cites for it.
    """

    name: str
    title: str
    cited: str
    build: str
    seconds: tuple[float, float, float]
    note: str = ""
    references: tuple[str, ...] = ()


# The figures are those of the demo, printed by benchmarks/presets.py; see `msiss.learn.estimate`.
ENCODERS = Registry(
    "encoder",
    (
        Encoder(
            B0,
            "EfficientNet-B0",
            "Tan and Le 2019",
            build="msiss.learn.paper.efficientnet:build_b0",
            seconds=(0.0223, 0.0032, 0.0097),
            note="The weights of efficientnet-b0 are downloaded once; on a machine without internet they must be put "
            "on disk.",
            references=(TAN,),
        ),
        Encoder(
            LITE0,
            "EfficientNet-Lite0",
            "Tan and Le 2019",
            build="msiss.learn.paper.efficientnet:build_lite0",
            seconds=(0.0229, 0.0033, 0.0102),
            references=(TAN,),
        ),
    ),
)


def build_encoder(name: str) -> "nn.Module":
    """Return the encoder with its ImageNet weights, on the CPU.

    Raises
    ------
    RunError
        If the weights are neither on this machine nor can be downloaded, or are not those that were published.
    """
    return load(ENCODERS[name].build)()
