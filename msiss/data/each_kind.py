"""Each kind of spectra of some files as a data set of its own."""

from collections.abc import Sequence
from pathlib import Path

from msiss.data import foreign
from msiss.data.recipe import EACH_KIND, Recipe
from msiss.errors import DataError

MOST = 100  # data sets of one import


def each_kind(
    files: Sequence[Path], recipe: Recipe, name: str, *, within: Sequence[Path] | None = None
) -> list[tuple[str, Recipe]]:
    """Return the name and the recipe of every data set to make of some files: several if the recipe asks for each kind.

    Parameters
    ----------
    files : sequence of Path
        Those of one data set.
    recipe : Recipe
    name : str
        Of the data set; where there are several, the kind of the spectra is appended.
    within : sequence of Path, optional
        As in `msiss.data.foreign.belonging`.

    Raises
    ------
    DataError
        If a file cannot be used, or holds too many kinds.
    """
    if recipe.read.spectra != EACH_KIND:
        return [(name, recipe)]
    kinds = foreign.kinds(files, recipe.read, within=within)
    if len(kinds) < 2:
        return [(name, recipe.with_settings("read", {"spectra": ""}))]
    if len(kinds) > MOST:
        raise DataError(f"{len(kinds):,} kinds of spectra are too many for a data set each. Choose one of them.")
    return [(f"{name} {kind}", recipe.with_settings("read", {"spectra": kind})) for kind in kinds]
