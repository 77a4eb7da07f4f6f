"""What files leave open: a widget for every finding that names a setting, and the answers.

A file is checked again with each answer. A question stays on the page once it was asked, as its finding may be gone
with the answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from msiss.data.findings import HealthRow
from msiss.data.recipe import PictureMz, ReadConfig
from msiss.ui.literal import literal

PICTURES = "picture_mz"
FILE, MZ = "File", "m/z (Th)"
TABLE_HEIGHT = 215  # pixels: five files, and the rest by scrolling


@dataclass
class Questions:
    """The questions about some files, and what the user answered.

    Attributes
    ----------
    identity : tuple
        Of the files as they are on the disk.
    options : dict of str to dict of str to str
        Values of each setting and their meaning in words; the one in use without an answer is first. Of the m/z of
        pictures, the names of the files and the m/z that were read.
    answers : dict of str to any
        Of the settings whose value is another than the first.
    """

    identity: tuple[Any, ...]
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> ReadConfig:
        """The answers alone: what a check needs."""
        return ReadConfig.model_validate(self.answers)

    @property
    def choices(self) -> dict[str, Any]:
        """The value of every setting that was asked for, also where the first one stands: what an import needs."""
        first = {name: next(iter(options)) for name, options in self.options.items() if name != PICTURES}
        asked = ReadConfig.model_validate(first | self.answers)
        return {name: getattr(asked, name) for name in self.options}


def about(identity: tuple[Any, ...]) -> Questions:
    """Return the questions about the files of this identity, as far as they were asked."""
    kept: Questions | None = st.session_state.get("questions")
    if kept is None or kept.identity != identity:
        kept = st.session_state["questions"] = Questions(identity)
    return kept


def ask(questions: Questions, rows: Iterable[HealthRow]) -> None:
    """Draw the widgets for all questions; the page is drawn again if an answer changed."""
    for row in rows:
        if row.setting:
            known = questions.options.setdefault(row.setting, {})
            for value, text in row.options:
                known.setdefault(value, text)
    if not questions.options:
        return
    answers: dict[str, Any] = {}
    with st.container(horizontal=True):
        for setting in (name for name in questions.options if name != PICTURES):
            options = questions.options[setting]
            value = _choice(setting, options, f"{setting} of {questions.identity}")
            if value != next(iter(options)):
                answers[setting] = value
    if PICTURES in questions.options:
        corrected = _pictures(questions.options[PICTURES], f"{PICTURES} of {questions.identity}")
        answers |= {PICTURES: corrected} if corrected else {}
    if answers != questions.answers:
        questions.answers = answers
        st.rerun()


def corrections(before: Sequence[float | None], after: pd.DataFrame) -> tuple[PictureMz, ...]:
    """Return the m/z of the pictures (N,) whose cell of the table `after` differs from what was read."""
    changed = zip(before, after[FILE], after[MZ], strict=True)
    return tuple(PictureMz(file=file, mz=mz) for read, file, mz in changed if pd.notna(mz) and mz > 0 and mz != read)


def _choice(setting: str, options: dict[str, str], key: str) -> str:
    about = ReadConfig.model_fields[setting]
    label = str(about.title)
    if about.annotation is bool:
        return str(st.toggle(label, key=key, help=about.description)).lower()
    return st.selectbox(
        label, list(options), format_func=lambda value: literal(options[value]), key=key, help=about.description
    )


def _pictures(options: dict[str, str], key: str) -> tuple[PictureMz, ...]:
    before = [float(text) if text else None for text in options.values()]
    st.caption("m/z of the pictures as read in their names. A double click on an m/z corrects it.")
    table = pd.DataFrame({FILE: list(options), MZ: pd.array(before, dtype="Float64")})
    config = {FILE: st.column_config.TextColumn(disabled=True), MZ: st.column_config.NumberColumn(min_value=0.0)}
    after = st.data_editor(
        table, height=TABLE_HEIGHT, hide_index=True, num_rows="fixed", column_config=config, key=key, width="stretch"
    )
    corrected = corrections(before, after)
    if corrected:
        st.caption(f"{len(corrected):,} m/z corrected.")
    return corrected
