"""What is taken from the elements of a spectrum, and what may therefore differ where another has the same text."""

PLACE, NUMBER, ARRAY = "place", "number", "array"

# What was taken from an element: nothing from any attribute or from its value, all of it as it is, or a number by the
# column of the table to which it went.
IGNORED, VALUE_IGNORED, TAKEN = ("ignored",), ("value ignored",), ("taken",)
Role = tuple[str | int, ...]


def place_role(axis: int) -> Role:
    """Return the role of an element that gives a position."""
    return (PLACE, axis)


def number_role(name: str) -> Role:
    """Return the role of an element that gives another number of a spectrum."""
    return (NUMBER, name)


def array_role(array: int, column: int) -> Role:
    """Return the role of an element that gives a column of an ArrayRow."""
    return (ARRAY, array, column)
