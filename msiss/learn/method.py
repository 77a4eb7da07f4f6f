"""What msiss knows of a method of training, free of torch: one record each.

To add a method, write a subclass of `RunConfig` with its settings and a function that trains, describe both in a
`Method`, and add that to `msiss.learn.methods.METHODS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msiss.analyse.representations import Representation
from msiss.learn.config import RunConfig
from msiss.learn.settings import Settings


@dataclass(frozen=True)
class Stage:
    """A part of a training that its progress names.

    Attributes
    ----------
    name : str
        As in the event `PhaseStarted`.
    title : str
        On screen.
    """

    name: str
    title: str


PREPARE, ANALYSE, CHECK = Stage("prepare", "Prepare"), Stage("analyse", "Maps"), Stage("check", "Checks")


@dataclass(frozen=True)
class Views:
    """Varied images that a training learns from, to be tuned on the page Augment.

    Attributes
    ----------
    title, about : str
        On screen.
    strengths : dict of str to Settings
        Named values of these settings; empty where there are none to choose from.
    """

    title: str
    about: str
    strengths: Mapping[Any, Settings]


@dataclass(frozen=True)
class Method:
    """A way to train.

    Attributes
    ----------
    name : str
        In settings, files and commands.
    title : str
        On screen.
    about : str
        What it does and when to take it, for whoever has to choose one.
    config : type of RunConfig
        Its settings.
    presets : dict of str to dict
        Named values of the settings, the usual one first; what a preset leaves out is as in `config`.
    about_presets : str
        What tells them apart; empty where there is one.
    learn : str
        The function that trains, as "module:function", with the arguments of `msiss.learn.pipeline.learn` and the
        torch device before the last.
    representations : tuple of Representation
        What it trains, `RunConfig.trained`, in order.
    stages : tuple of Stage
        What the training itself goes through.
    tabs : dict of str to dict
        The groups of its own settings by tab: dotted name, and the heading above it.
    views : dict of str to Views
        By the dotted name of their settings.
    preview : str
        The function that draws views as the training does, as "module:function"; it takes the prepared images
        (N, S, S), which of them, the mask, the settings, the name of the views, their number and a seed.
    confidence : str
        What the confidence of an ion means, read on from "Confidence, from 0 to 1, is".
    consensus : bool
        Whether the clusters of what it ends with are those of `msiss.analyse.consensus`, else spectral ones.
    about_other_numbers : str
        What is lost where its ions are clustered again in another number than its own, `{clusters}`.
    on_a_gpu : bool
        Whether a GPU makes it much faster.
    training_seconds : callable
        Takes the settings and the number of ion images; returns how long the training takes on two quiet cores.
    analyse_seconds, check_seconds : float
        The same of one ion in all measures, clusters and maps, and in what the data say by themselves.
    summary : callable
        Takes the settings; returns those that tell a training from others, in words.
    text : str
        The function that returns the sentences of the methods text, as "module:function"; it takes the settings and the
        number of ion images.
    references : callable
        Takes the settings; returns what the methods text cites.
    """

    name: str
    title: str
    about: str
    config: type[RunConfig]
    presets: Mapping[str, Mapping[str, Any]]
    about_presets: str
    learn: str
    representations: tuple[Representation, ...]
    stages: tuple[Stage, ...]
    tabs: Mapping[str, Mapping[str, str]]
    views: Mapping[str, Views]
    preview: str
    confidence: str
    consensus: bool
    about_other_numbers: str
    on_a_gpu: bool
    training_seconds: Callable[[Any, int], float]
    analyse_seconds: float
    check_seconds: float
    summary: Callable[[Any], list[str]]
    text: str
    references: Callable[[Any], tuple[str, ...]]
