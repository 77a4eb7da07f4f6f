"""One pass over the XML of an imzML file: the head as a tree, and the metadata of all spectra as a table.

pyimzML builds an element tree of every spectrum, which takes most of the time of opening a file. Here Expat calls one
function per element, and only what images need is kept of a spectrum.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element
from xml.parsers import expat

from msiss.data.formats.imzml import text
from msiss.data.formats.imzml.elements import Reading
from msiss.data.formats.imzml.head import Head, TooMuchXml
from msiss.data.formats.imzml.table import SpectrumTable
from msiss.data.progress import Progress

if TYPE_CHECKING:
    from msiss.data.formats.imzml.templates import Templates

# Largest size of an element with its attributes, or of a comment: parsers restart it with each block.
LONGEST_TOKEN = 4 * text.CHUNK
# Templates are tried after so many bytes, as the compiled code must be loaded for them, and so often in vain.
FIRST_BYTES, MOST_IN_VAIN = 2 * text.CHUNK, 1000
_END, _END_TAG = b"spectrum>", re.compile(rb"</[^\s<>]*spectrum>")
_AFTER_THE_END = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]


class Scan:
    """What an imzML file says, filled by `read`.

    Attributes
    ----------
    spectra : SpectrumTable
        All spectra.
    """

    def __init__(self) -> None:
        self.spectra = SpectrumTable()
        self._head = Head()
        self._lines = 0

    @property
    def head(self) -> Element | None:
        """The document with its first spectrum only."""
        return self._head.root

    def line(self, error: expat.ExpatError) -> int:
        """Return the line of the file in which an error was found."""
        return error.lineno + self._lines

    def read(self, path: Path, progress: Progress) -> None:
        """Read the file.

        Raises
        ------
        EntitiesDeclared, TooMuchXml
            If it declares entities, or exceeds the limits of this package.
        SpectrumProblem
            If a spectrum lacks what nobody can do without.
        expat.ExpatError
            If it is not well-formed.
        """
        feed = _Feed(self._head, self.spectra)
        try:
            for piece, share in text.utf8(path):
                feed.add(piece)
                progress(share, f"Reading the header of {path.name}")
            feed.end()
        except expat.ExpatError as error:
            self._lines = feed.lines
            if error.code != _AFTER_THE_END:  # programs pad files, and nothing that follows belongs to the document
                raise


class _Feed:
    """Gives text to Expat, but for the spectra that fit a template.

    A template is tried only right after the end of a spectrum that Expat has told, where the next element begins: a
    comment or the like cannot be open there. Complete elements that Expat does not see change nothing for it.
    """

    def __init__(self, head: Head, spectra: SpectrumTable) -> None:
        self.lines = 0  # that Expat has not seen
        self._reading = Reading(head, spectra)
        self._spectra = spectra
        self._parser = self._reading.parser
        self._templates: Templates | None = None
        self._text, self._place = b"", 0
        self._fed = self._in_vain = self._matched = 0
        self._after_spectrum = False

    def add(self, piece: bytes) -> None:
        """Take the next piece of text."""
        if self._fed + len(self._text) < FIRST_BYTES or self._in_vain > MOST_IN_VAIN + self._matched:
            self._give(len(self._text))
            self._text, self._place = piece, 0
            self._give(len(piece))
            return
        if self._templates is None:
            from msiss.data.formats.imzml.templates import Templates  # slow to import

            self._templates = Templates()
        self._text, self._place = self._text[self._place :] + piece, 0
        while self._place < len(self._text):
            if self._after_spectrum and self._templates and self._unfinished(self._templates):
                return
            end = self._text.find(_END, self._place)
            self._give(end + len(_END) if end >= 0 else len(self._text), learn=end >= 0)

    def end(self) -> None:
        """End the document."""
        self._give(len(self._text))
        self._parser.Parse(b"", True)

    def _unfinished(self, templates: "Templates") -> bool:
        """Read what fits the templates; return whether the rest may, once there is more text."""
        before, known = self._place, len(self._spectra)
        self._place, unfinished = templates.read(self._text, before, self._spectra)
        self._matched += len(self._spectra) - known
        self.lines += self._text.count(b"\n", before, self._place)
        return unfinished

    def _give(self, stop: int, *, learn: bool = False) -> None:
        """Let Expat read up to a place of the text, which is the end of a spectrum to `learn` from, as it seems."""
        given = self._text[self._place : stop]
        self._place = stop
        marks = self._reading.marks = [] if learn and self._after_spectrum else None
        begin, known = self._fed, len(self._spectra)
        self._parser.Parse(given, False)
        self._fed += len(given)
        if self._fed - self._parser.CurrentByteIndex > LONGEST_TOKEN:
            raise TooMuchXml
        end = self._reading.spectrum_end
        self._after_spectrum = learn and end >= begin and _END_TAG.fullmatch(given, end - begin) is not None
        alone = self._after_spectrum and len(self._spectra) == known + 1
        if marks is not None and alone and self._templates is not None:
            places = [(place - begin, role) for place, role in marks]
            self._in_vain += not self._templates.learn(given, places, self._reading.row)
