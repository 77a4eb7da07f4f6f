"""A list of ions with the clusters that they belong to, recorded as what a person decided."""

from collections.abc import Mapping

import numpy as np

from msiss.errors import SettingError
from msiss.runs.decisions import Confirmed, Moved, Named
from msiss.runs.grouping import Grouping, decide, grouping

LISTED = 12  # clusters named in a message


def correct(before: Grouping, wanted: Mapping[int, int | str], *, who: str = "", why: str = "") -> Grouping:
    """Move ions to the clusters that they belong to, and confirm those that are there already.

    Parameters
    ----------
    before : Grouping
    wanted : dict of int to int or str
        The cluster of each ion: the number or the name of a cluster. A number that no cluster had yet, or a name that
        none has, makes a new cluster.
    who, why : str
        As the person gives them.

    Returns
    -------
    Grouping
        With what was decided.

    Raises
    ------
    SettingError
        If there is no such ion, a number belongs to a cluster that has no ions any more, or is not a whole one from 0.
    RunError
        If the decisions cannot be written.
    """
    number = len(before.table)
    outside = [ion for ion in wanted if not 0 <= ion < number]
    if outside:
        raise SettingError(f"ions: there is no ion {outside[0]}; there are {number} ions, numbered from 0.")
    targets, new = _targets(before, [_text(given) for given in wanted.values()])
    ions = np.array(list(wanted), dtype=np.int64)
    there = before.labels[ions] == targets
    for target in np.unique(targets[~there]):
        moved = tuple(ions[(targets == target) & ~there].tolist())
        decide(before, Moved(ions=moved, to=int(target), who=who, why=why))
        before = grouping(before.run, before.by, before.n_clusters)
    for name, target in new.items():
        decide(before, Named(cluster=target, name=name, who=who, why=why))
    staying = ions[there & ~before.table["by_hand"].to_numpy()[ions]]
    if len(staying):
        decide(before, Confirmed(ions=tuple(staying.tolist()), who=who, why=why))
    return grouping(before.run, before.by, before.n_clusters)


def _targets(before: Grouping, texts: list[str]) -> tuple[np.ndarray, dict[str, int]]:
    """Return the number of the cluster that each text means, and the new clusters by name."""
    named = {cluster.name.casefold(): number for number, cluster in reversed(before.clusters.items()) if cluster.name}
    numbers = {int(text) for text in texts if text.isdecimal()}
    free = max([before.next_number, *(number + 1 for number in numbers)])
    known: dict[str, int] = {}
    new: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        if text.isdecimal():
            if int(text) not in before.clusters and int(text) < before.next_number:
                listed = ", ".join(cluster.title for cluster in list(before.clusters.values())[:LISTED])
                raise SettingError(
                    f"cluster: there is no cluster {int(text)} any more. There are: {listed}. A new one is made by a "
                    f"name, or by the number {before.next_number}."
                )
            known[text] = int(text)
        elif not text:
            raise SettingError("cluster: the name of a cluster is empty.")
        elif text.casefold() in named:
            known[text] = named[text.casefold()]
        else:
            known[text] = new[text] = named[text.casefold()] = free
            free += 1
    return np.array([known[text] for text in texts], dtype=np.int64), new


def _text(given: int | str) -> str:
    """Return the number or name of a cluster as it is compared; spreadsheets write whole numbers as 3.0."""
    text = str(given).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    if not (number >= 0 and number.is_integer()):
        raise SettingError(f"cluster: {text[:40]} is no number of a cluster; they are whole numbers from 0.")
    return str(int(number))
