"""The description of a method of training, without torch: one record each.

To add a method, write a subclass of `RunConfig` with its settings and a function that trains, describe both in a
`Method`, and add that to `msiss.learn.methods.METHODS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from msiss.analyse.representations import Representation
from msiss.learn.config import RunConfig
from msiss.learn.settings import Settings

if TYPE_CHECKING:  # would import scikit-learn
    from msiss.analyse.consensus import Consensus
    from msiss.analyse.constraints import Constraints


@dataclass(frozen=True)
class Stage:
    """A stage of a training, as its progress shows it.

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
    """The augmented views of a training, to be tuned on the page Augment.

    Attributes
    ----------
    title, about : str
        On screen.
    strengths : dict of str to Settings
        Named values of these settings; empty if there are none.
    """

    title: str
    about: str
    strengths: Mapping[Any, Settings]


class Preview(Protocol):
    """A function that draws views of some ion images as the training of a method does."""

    def __call__(
        self,
        images: np.ndarray,
        chosen: Sequence[int],
        mask: np.ndarray,
        config: Any,
        group: str,
        *,
        number: int,
        seed: int,
    ) -> np.ndarray:
        """Draw the views.

        Parameters
        ----------
        images : ndarray of shape (N, H, W), float32
            Prepared ion images in [0, 1].
        chosen : sequence of int
            Indices of n of them.
        mask : ndarray of shape (H, W), bool
            True for measured pixels.
        config : RunConfig
            The settings of the method.
        group : str
            Dotted name of the views in `config`.
        number : int
            Views per image.
        seed : int

        Returns
        -------
        ndarray of shape (n, number, H, W), float32
            In [0, 1].
        """
        ...


class Refine(Protocol):
    """A function that finds the clusters of the result of a method again around what a person said about them."""

    def __call__(
        self,
        vectors: np.ndarray,
        weights: Path,
        previous: np.ndarray,
        constraints: "Constraints",
        *,
        progress: Callable[[float], object],
    ) -> "Consensus":
        """Find the clusters.

        Parameters
        ----------
        vectors : ndarray of shape (N, D), float32
            Of the result of the training.
        weights : Path
            The weights of the run, a safetensors file.
        previous : ndarray of shape (N,), int64
            The clusters that were corrected; those of the training have its numbers.
        constraints : Constraints
            Holds in the result.
        progress : callable
            Called with the fraction that is done; it may raise to stop the work.

        Returns
        -------
        Consensus
            Clusters with the numbers of the earlier ones, and their confidence as the method defines it.
        """
        ...


@dataclass(frozen=True)
class Method:
    """A method of training.

    Attributes
    ----------
    name : str
        In settings, files and commands.
    title : str
        On screen.
    about : str
        What it does and when to use it, for a user who chooses one.
    config : type of RunConfig
        Its settings.
    presets : dict of str to dict
        Named values of the settings, the usual one first; settings that a preset leaves out are those of `config`.
    about_presets : str
        How they differ; empty if there is one.
    learn : str
        The function that trains, as "module:function", with the arguments of `msiss.learn.pipeline.learn` and the
        torch device before the last.
    representations : tuple of Representation
        The representations that it trains, `RunConfig.trained`, in order.
    stages : tuple of Stage
        The stages of the training itself.
    tabs : dict of str to dict
        The groups of its own settings by tab: headings by dotted name.
    views : dict of str to Views
        By the dotted name of their settings.
    preview : str
        The `Preview`, as "module:function".
    confidence : str
        Definition of the confidence of an ion; continues "Confidence, from 0 to 1, is".
    consensus : bool
        Whether the ions of its runs are clustered by `msiss.analyse.consensus`, by all representations alike, else
        spectrally.
    about_other_numbers : str
        What is lost if its ions are clustered again with another number than its own, `{clusters}`.
    on_a_gpu : bool
        Whether a GPU speeds it up considerably.
    training_seconds : callable
        Takes the settings and the number of ion images; returns the duration of the training on two idle cores.
    analyse_seconds, check_seconds : float
        The same per ion for all measures, clusters and maps, and for the scores that need no labels.
    summary : callable
        Takes the settings; returns those by which trainings differ, in words.
    text : str
        The function that returns the sentences of the methods text, as "module:function"; it takes the settings and the
        number of ion images.
    references : callable
        Takes the settings; returns the publications that the methods text cites.
    encoder : str
        The function that makes the weights of a run readable for other programs, as "module:function", see
        `msiss.learn.portable`; empty if there is none.
    refine : str
        The `Refine` that finds the clusters of its result again around what a person said, as "module:function"; empty
        if they are found from the vectors alone, as by all other representations, see `msiss.analyse.spreading`.
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
    encoder: str = ""
    refine: str = ""
