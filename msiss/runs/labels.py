"""What a person writes on a run: name, note, tags, and whether it is pinned.

They are kept in ``label.json`` of the run's folder, which is replaced atomically. They are no part of the request, so
that they change neither the results nor the identity of the run.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from msiss.durable import keeping, replace_text
from msiss.errors import RunError, SettingError
from msiss.learn.methods import METHODS
from msiss.runs.store import Run
from msiss.words import count

FILE = "label.json"
LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 80, 2000, 30, 10

Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TAG)]


class Label(BaseModel):
    """The label of a run.

    Attributes
    ----------
    name, note : str
        Text of a person, to be escaped where it is shown; may be empty.
    tags : tuple of str
        Of the same kind, each once.
    pinned : bool
        Whether the run is listed first.
    """

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field("", max_length=LONGEST_NAME)
    note: str = Field("", max_length=LONGEST_NOTE)
    tags: tuple[Tag, ...] = Field((), max_length=MOST_TAGS)
    pinned: bool = False


def label_of(run: Run) -> Label:
    """Return the label of a run; an empty one if it has none, or one that cannot be read."""
    try:
        return Label.model_validate_json((run.path / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Label()


def change_label(run: Run, **changes: Any) -> Label:
    """Change parts of the label of a run, and return it.

    Parameters
    ----------
    run : Run
    **changes
        Attributes of `Label`.

    Raises
    ------
    SettingError
        If a text is too long, or there are too many tags.
    RunError
        If it cannot be written.
    """
    if "tags" in changes:
        changes["tags"] = tuple(dict.fromkeys(tag.strip() for tag in changes["tags"]))
    try:
        label = Label.model_validate(label_of(run).model_dump() | changes)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingError(f"{first['loc'][0]} of a run: {first['msg']}.") from error
    with keeping("The name and the notes of a run", run.path, RunError):
        replace_text(run.path / FILE, label.model_dump_json(indent=1))
    return label


def title_of_run(run: Run, *, short: bool = False) -> str:
    """Return the title of a run: its name, else its method, number of clusters, seed unless it is 0, and date.

    The name is text of a person, to be escaped where it is shown.

    Parameters
    ----------
    run : Run
    short : bool
        Whether the word clusters is left out, as where there is little room.
    """
    if name := label_of(run).name:
        return name
    config, method = run.config, METHODS[run.config.method].title
    first = [f"{method} {config.clusters}"] if short else [method, count(config.clusters, "cluster")]
    seed = [f"seed {config.seed}"] if config.seed else []
    return ", ".join([*first, *seed, f"{run.request.created.astimezone():%d %b %H:%M}"])


def titles_of_runs(runs: list[Run], *, short: bool = False) -> dict[str, str]:
    """Return the title of each run by its identity; where two would be equal, with the beginning of the identity."""
    titles = {run.path.name: title_of_run(run, short=short) for run in runs}
    all_titles = [*titles.values()]
    return {
        identity: f"{identity[:4]} {title}" if all_titles.count(title) > 1 else title
        for identity, title in titles.items()
    }


def pinned_first(runs: list[Run]) -> list[Run]:
    """Return the runs in the same order, but the pinned ones first."""
    return sorted(runs, key=lambda run: not label_of(run).pinned)
