"""Comparison of text with templates, byte for byte, compiled by numba.

A template is a chain of parts, each a literal text and a field after it. Whatever differs outside the fields is no
match, so that a template is never believed where a file deviates from it.
"""

import numpy as np
from numba import njit

NOTHING, INTEGER, DECIMAL, ANYTHING = range(4)  # what a field holds; numbers as programs write them
DIGITS = 18  # of an integer; more may not fit into 64 bits
LONGEST = 4096  # bytes of other fields
MATCHED, DIFFERENT, UNFINISHED = range(3)

# Bytes of fields that are not kept: printable ASCII without quotes and what begins tags and references.
_PLAIN = np.array([32 <= byte < 127 and byte not in b"\"'<&" for byte in range(256)])


@njit(nogil=True, cache=True)
def match(data, start, text, parts, firsts, found, which):  # type: ignore[no-untyped-def]
    """Match one block of text after the other with any of some templates.

    Parameters
    ----------
    data : ndarray of shape (n,), uint8
    start : int
        Where the first block begins.
    text : ndarray of uint8
        The literals of all templates.
    parts : ndarray of shape (p, 4), int64
        First and last byte of a literal in `text`, what the field holds that follows, and its first column in `found`.
    firsts : ndarray of shape (templates + 1,), int64
        The first part of each template.
    found : ndarray of shape (m, c), int64
        Receives an integer in one column, and begin and end of a decimal number in two; one row per block.
    which : ndarray of shape (m,), int64
        Receives the template of each block.

    Returns
    -------
    count, stop, state : int
        The number of blocks, where they end, and why: `MATCHED` if there is no more room, `DIFFERENT` if what follows
        fits no template, and `UNFINISHED` if it fits as far as `data` goes.
    """
    count, templates, last = 0, len(firsts) - 1, 0
    while count < len(found):
        state, stop = DIFFERENT, start
        for turn in range(templates):
            template = (last + turn) % templates
            one, stop = _block(data, start, text, parts[firsts[template] : firsts[template + 1]], found[count])
            if one == MATCHED:
                last, state = template, MATCHED
                break
            if one == UNFINISHED:
                state = UNFINISHED
        if state != MATCHED:
            return count, start, state
        which[count] = last
        count += 1
        start = stop
    return count, start, MATCHED


@njit(nogil=True, cache=True)
def _block(data, place, text, parts, found):  # type: ignore[no-untyped-def]
    """Match one block with one template; return the state and the end."""
    for part in range(len(parts)):
        for index in range(parts[part, 0], parts[part, 1]):
            if place >= len(data):
                return UNFINISHED, place
            if data[place] != text[index]:
                return DIFFERENT, place
            place += 1
        holds, column, begin = parts[part, 2], parts[part, 3], place
        if holds == INTEGER:
            place, value = _integer(data, place)
            if place < len(data):
                found[column] = value
        elif holds == DECIMAL:
            place = _decimal(data, place)
            found[column], found[column + 1] = begin, place
        elif holds == ANYTHING:
            while place < len(data) and place < begin + LONGEST and _PLAIN[data[place]]:
                place += 1
        if holds != NOTHING and place >= len(data):
            return UNFINISHED, place
        if place < 0:
            return DIFFERENT, place
    return MATCHED, place


@njit(nogil=True, cache=True)
def _integer(data, place):  # type: ignore[no-untyped-def]
    """Return the end of an integer and its value; -1 if there is none."""
    negative = place < len(data) and data[place] == 45
    begin = place + negative
    stop = _digits(data, begin)
    if stop < len(data) and not 0 < stop - begin <= DIGITS:
        return -1, 0
    value = np.int64(0)
    if stop - begin <= DIGITS:
        for index in range(begin, stop):
            value = 10 * value + (data[index] - 48)
    return stop, -value if negative else value


@njit(nogil=True, cache=True)
def _decimal(data, place):  # type: ignore[no-untyped-def]
    """Return the end of a decimal number such as -1.5e+06; -1 if there is none."""
    begin = place
    if place < len(data) and (data[place] == 43 or data[place] == 45):
        place += 1
    stop = _digits(data, place)
    digits = stop - place
    if stop < len(data) and data[stop] == 46:
        place = stop + 1
        stop = _digits(data, place)
        digits += stop - place
    if stop < len(data) and digits and (data[stop] == 69 or data[stop] == 101):
        place = stop + 1
        if place < len(data) and (data[place] == 43 or data[place] == 45):
            place += 1
        stop = _digits(data, place)
        digits = stop - place
    if stop < len(data) and (not digits or stop - begin > LONGEST):
        return -1
    return stop


@njit(nogil=True, cache=True)
def _digits(data, place):  # type: ignore[no-untyped-def]
    """Return where digits end, at most one beyond what any number may have."""
    begin = place
    while place < len(data) and place <= begin + LONGEST and 48 <= data[place] <= 57:
        place += 1
    return place
