"""The reliability of representations, for notebooks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from msiss.analyse.representations import title_of
from msiss.runs.quality.by_data import reasons_by_data
from msiss.runs.quality.evidence import evidence_table
from msiss.runs.quality.judgement import judge
from msiss.show.markup import paragraph, table
from msiss.show.score_figures import EVIDENCE_TITLES, evidence_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from msiss.runs.quality.evidence import Evidence


@dataclass(frozen=True, repr=False)
class Trust:
    """Scores of every representation that need no labels, and which one to start with.

    Attributes
    ----------
    answers : tuple of str
        The representation to start with, to find similar ions and to group ions.
    reasons : tuple of str
        Reasons, one or two sentences per test.
    table : DataFrame
        One row per representation: halves, agreement, stability, top5 and above_chance, see
        `msiss.runs.quality.evidence.evidence_table`; NaN if a score could not be computed.
    """

    answers: tuple[str, ...]
    reasons: tuple[str, ...]
    table: pd.DataFrame

    @classmethod
    def of(cls, evidence: "Evidence") -> "Trust":
        """Return the assessment of the scores of a run."""
        rows = pd.DataFrame.from_dict(evidence_table(evidence), orient="index", dtype=float)
        return cls(tuple(judge(evidence)), tuple(reasons_by_data(evidence)), rows.rename_axis("representation"))

    def figure(self) -> "go.Figure":
        """Return the table as a figure."""
        rows = {
            title_of(str(name)): {str(key): value for key, value in row.items() if pd.notna(value)}
            for name, row in self.table.iterrows()
        }
        return evidence_figure(rows)

    def __repr__(self) -> str:
        return "\n".join([*self.answers, *(f"- {reason}" for reason in self.reasons)])

    def _repr_html_(self) -> str:
        rows = [
            (title_of(name), *("" if pd.isna(value) else f"{value:.2f}" for value in row))
            for name, row in zip(self.table.index, self.table.to_numpy(), strict=True)
        ]
        head = ("", *(EVIDENCE_TITLES[str(name)] for name in self.table))
        answers = "".join(paragraph(answer, bold=True) for answer in self.answers)
        return answers + "".join(map(paragraph, self.reasons)) + table(rows, head=head)
