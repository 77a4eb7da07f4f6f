"""Groups of ions with their colours and texts, such as clusters or known classes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NO_COLOUR = "#b8b8b8"


@dataclass(frozen=True)
class Groups:
    """The groups of N ions.

    Attributes
    ----------
    of : ndarray of shape (N,), int
        Number of the group of each ion, negative if it has none.
    titles : mapping of int to str
    colours : mapping of int to str
        Such as "#1e78d7".
    none : str
        Text in the legend for ions without a group.
    """

    of: np.ndarray
    titles: Mapping[int, str]
    colours: Mapping[int, str]
    none: str = "none"

    def colour(self, group: int) -> str:
        """Return the colour of a group; grey for none."""
        return NO_COLOUR if group < 0 else self.colours[group]

    def legend(self) -> list[tuple[str, str]]:
        """Return colour and text of each group that has ions, those without a group last."""
        present = np.unique(self.of).tolist()
        entries = [(self.colours[group], self.titles[group]) for group in present if group >= 0]
        return [*entries, (NO_COLOUR, self.none)] if present and present[0] < 0 else entries

    def pixels(self, order: np.ndarray) -> np.ndarray:
        """Return the colours of ions in this order, shape (n, 3), uint8."""
        colours = [self.colour(int(group)) for group in self.of[order]]
        return np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours], dtype=np.uint8)
