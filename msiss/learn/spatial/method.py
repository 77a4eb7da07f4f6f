"""The description of the method spatial, called msiss on screen, without torch."""

from msiss.analyse.representations import BROWN, SPEARMAN, Representation
from msiss.learn.method import Method, Stage, Views
from msiss.learn.references import CHEN, HU
from msiss.learn.spatial.config import NAME, SpatialConfig

TITLE = "msiss"
STEP_SECONDS = 0.0011  # one ion image in one step of the network, on two idle cores; see `msiss.learn.estimate`
FISHER = "Fisher, R. A. Ann. Eugen. 1936, 7, 179-188, doi:10.1111/j.1469-1809.1936.tb02137.x"
FRED = (
    "Fred, A. L. N.; Jain, A. K. IEEE Trans. Pattern Anal. Mach. Intell. 2005, 27, 835-850, doi:10.1109/TPAMI.2005.113"
)


def training_seconds(config: SpatialConfig, ions: int) -> float:
    """Return how long the training takes on two idle cores."""
    return STEP_SECONDS * config.spatial.steps * min(ions, config.spatial.batch_size)


def summary(config: SpatialConfig) -> list[str]:
    """Return the settings by which trainings differ."""
    return [f"{config.spatial.steps} steps"]


def references(_config: SpatialConfig) -> tuple[str, ...]:
    """Return the publications that the methods text of a training cites."""
    return (HU, CHEN, FISHER, FRED, SPEARMAN, BROWN)


SPATIAL = Method(
    name=NAME,
    title=TITLE,
    about="A small network is trained on your ion images alone. It preserves the position of structures and accounts "
    "for counting noise. Start with this one.",
    config=SpatialConfig,
    presets={NAME: {"prepare": {"side": 64}, "check": True}},
    about_presets="",
    learn="msiss.learn.spatial.training:learn_spatial",
    representations=(
        Representation(
            NAME,
            f"{TITLE} (trained)",
            "has learned from varied views of your ions what they have in common at each position, and adds the bands.",
        ),
    ),
    stages=(Stage("discriminant", "1 Discriminant"), Stage("contrastive", "2 Small network")),
    tabs={"Learning": {"spatial": ""}, "Views": {"spatial.views": ""}},
    views={
        "spatial.views": Views(
            "Views",
            f"The method {TITLE} simulates repeated measurements of each ion image and learns what they have in "
            "common. Positions do not change; a share of another ion is mixed in, contrast and sensitivity vary, and "
            "counting noise is added. Nothing has to be changed here before a training.",
            strengths={},
        )
    },
    preview="msiss.learn.spatial.views:preview",
    confidence="how firmly the ion belongs to its cluster",
    consensus=True,
    about_other_numbers="",
    on_a_gpu=False,
    training_seconds=training_seconds,
    analyse_seconds=0.029,
    check_seconds=0.034,
    summary=summary,
    text="msiss.learn.spatial.text:text",
    references=references,
)
