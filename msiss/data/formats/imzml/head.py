"""The elements of an imzML file up to the end of its first spectrum, within limits, as a tree without namespaces."""

from xml.etree.ElementTree import Element, TreeBuilder

# Limits on depth and number of the elements up to the first spectrum.
DEEPEST, LONGEST_HEAD = 100, 1_000_000


class TooMuchXml(Exception):
    """The XML exceeds the limits of any valid imzML file, and might exhaust memory or time."""


class EntitiesDeclared(Exception):
    """The file declares XML entities, which imzML does not need and which may expand to fill the memory."""


def refuse_entities(*_: object) -> None:
    """Take the declaration of an entity.

    Raises
    ------
    EntitiesDeclared
        Always.
    """
    raise EntitiesDeclared


class Head:
    """Collects the elements without their text, as imzML terms have none.

    Attributes
    ----------
    root : Element, optional
        The document with its first spectrum only, once it is `whole`; None if there are no elements.
    """

    def __init__(self) -> None:
        self.root: Element | None = None
        self.whole = False
        self._builder = TreeBuilder()
        self._open: list[str] = []
        self._elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Add an element, whose name has no prefix.

        Raises
        ------
        TooMuchXml
            If there are too many.
        """
        self._elements += 1
        self._open.append(name)
        if len(self._open) > DEEPEST or self._elements > LONGEST_HEAD:
            raise TooMuchXml
        element = self._builder.start(name, attributes)
        if self.root is None:
            self.root = element

    def end(self) -> None:
        """Close the element that was opened last; with the first spectrum, the head is whole."""
        name = self._open.pop()
        self._builder.end(name)
        if name == "spectrum":
            self.whole = True
