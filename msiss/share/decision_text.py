"""What people decided about clusters, in sentences."""

from collections.abc import Callable, Mapping

from msiss.analyse.representations import REPRESENTATIONS, title_of
from msiss.runs.decisions import (
    Coloured,
    Confirmed,
    Decision,
    Flagged,
    Judged,
    Merged,
    Moved,
    Named,
    Noted,
    Refined,
    Split,
)
from msiss.words import count, listed

MOST_NAMED = 8  # ions that are named in a sentence


def sentence(decision: Decision, ion: Callable[[int], str]) -> str:
    """Return what was decided.

    Parameters
    ----------
    decision : Decision
    ion : callable
        Returns the name of an ion, such as its m/z.

    Returns
    -------
    str
        Names and notes in it are those that a person gave, to be escaped where it is shown.
    """
    match decision:
        case Named(cluster=cluster, name=name):
            return f"Cluster {cluster} is named “{name}”." if name else f"Cluster {cluster} has no name any more."
        case Noted(cluster=cluster, note=note):
            return f"Note on cluster {cluster}: “{note}”" if note else f"Cluster {cluster} has no note any more."
        case Coloured(cluster=cluster, colour=colour):
            return f"Cluster {cluster} is drawn in {colour or 'its usual colour'}."
        case Flagged(cluster=cluster, tissue=tissue):
            return f"Cluster {cluster} shows {'tissue after all' if tissue else 'no tissue'}."
        case Moved(ions=ions, to=to):
            return f"{_ions(ions, ion)} moved to cluster {to}."
        case Confirmed(ions=ions):
            return f"{_ions(ions, ion)} confirmed where {'it is' if len(ions) == 1 else 'they are'}."
        case Merged(merged=merged, into=into):
            others = [number for number in merged if number != into]
            if len(others) > 1:
                return f"Clusters {listed(others)} were merged into cluster {into}."
            return f"Cluster {others[0] if others else into} was merged into cluster {into}."
        case Split(parent=parent, first=first, parts=parts):
            where = "" if parent is None else f"Of cluster {parent}, "
            new = [f"{place} ({count(len(part), 'ion')})" for place, part in enumerate(parts, start=first)]
            number = count(sum(map(len, parts)), "ion")
            return f"{where}{number} became cluster {listed(new) if len(new) > 1 else new[0]}."
        case Refined(assigned=assigned):
            return f"All {count(len(assigned), 'ion')} were grouped again around what had been decided before."
        case Judged(ions=(one, other), measures=measures, right=right):
            return f"Of the pair {ion(one)} and {ion(other)}: {_verdict(measures, right)}."
        case _:
            return str(getattr(decision, "do", "An unknown decision"))


def _ions(ions: tuple[int, ...], ion: Callable[[int], str]) -> str:
    named = ", ".join(ion(one) for one in ions[:MOST_NAMED])
    more = f" and {len(ions) - MOST_NAMED:,} more" if len(ions) > MOST_NAMED else ""
    return f"{count(len(ions), 'ion')} ({named}{more})"


def _verdict(measures: tuple[str, str], right: str) -> str:
    titles = [title_of(one) if one in REPRESENTATIONS else one for one in measures]
    said: Mapping[str, str] = {
        "first": f"{titles[0]} is right, not {titles[1]}",
        "second": f"{titles[1]} is right, not {titles[0]}",
        "neither": f"neither {titles[0]} nor {titles[1]} is right",
    }
    return said.get(right, f"it was not decided between {titles[0]} and {titles[1]}")
