"""The description of the method spatial, called msiss on screen, without torch."""

from msiss.analyse.representations import BROWN, SPEARMAN, WITH_NEIGHBOURS, ZELNIK_MANOR, Representation
from msiss.learn.method import Method, Stage, Views
from msiss.learn.references import CHEN, HU
from msiss.learn.spatial.config import NAME, SpatialConfig

TITLE = "msiss"
# On two idle cores, see `msiss.learn.estimate`: the measures of one ion, and one ion image in one step of the network.
SIDE = 32  # px, at which the step was measured
MEASURES_SECONDS, STEP_SECONDS = 0.0093, 0.00045
DWIBEDI = "Dwibedi, D. et al. With a little help from my friends. Proc. ICCV 2021, 9588-9597"
FRED = (
    "Fred, A. L. N.; Jain, A. K. IEEE Trans. Pattern Anal. Mach. Intell. 2005, 27, 835-850, doi:10.1109/TPAMI.2005.113"
)


def training_seconds(config: SpatialConfig, ions: int) -> float:
    """Return how long the training takes on two idle cores."""
    seen = config.spatial.steps * min(ions, config.spatial.batch_size)
    return measures_seconds(ions) + STEP_SECONDS * seen * (config.prepare.side / SIDE) ** 2


def measures_seconds(ions: int) -> float:
    """Return how long the measures without training take of it."""
    return MEASURES_SECONDS * ions


def summary(config: SpatialConfig) -> list[str]:
    """Return the settings by which trainings differ."""
    return [f"{config.spatial.steps} steps"]


def references(_config: SpatialConfig) -> tuple[str, ...]:
    """Return the publications that the methods text of a training cites."""
    return (HU, CHEN, DWIBEDI, FRED, SPEARMAN, BROWN, ZELNIK_MANOR)


SPATIAL = Method(
    name=NAME,
    title=TITLE,
    about="A small network learns from your ion images alone which of them belong together, and five measures without "
    "training are combined with it. It preserves the position of structures and accounts for counting noise. Start "
    "with this one.",
    config=SpatialConfig,
    presets={NAME: {"prepare": {"side": SIDE}, "check": True}},
    about_presets="",
    learn="msiss.learn.spatial.training:learn_spatial",
    representations=(
        Representation(
            NAME,
            f"{TITLE} (trained)",
            "has learned from varied views of your ions and of their nearest ions which patterns belong together, and "
            "adds five measures without training.",
            context=WITH_NEIGHBOURS,
        ),
    ),
    stages=(Stage("measures", "1 Measures"), Stage("contrastive", "2 Small network")),
    tabs={"Learning": {"spatial": ""}, "Views": {"spatial.views": ""}},
    views={
        "spatial.views": Views(
            "Views",
            f"The method {TITLE} simulates repeated measurements of each ion image and of ions near to it, and learns "
            "what they have in common. Positions do not change; a share of another ion is mixed in, contrast and "
            "sensitivity vary, and counting noise is added. Nothing has to be changed here before a training.",
            strengths={},
        )
    },
    preview="msiss.learn.spatial.views:preview",
    confidence="how firmly the ion belongs to its cluster",
    consensus=True,
    about_other_numbers="",
    on_a_gpu=False,
    training_seconds=training_seconds,
    analyse_seconds=0.023,
    check_seconds=0.023,
    summary=summary,
    text="msiss.learn.spatial.text:text",
    references=references,
    encoder="msiss.learn.spatial.portable:portable",
)
