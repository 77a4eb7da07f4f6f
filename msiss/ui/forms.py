"""Forms made from the settings themselves: title, description, range and choices come from the pydantic models."""

import math
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from msiss.learn.config import RunConfig
from msiss.ui import state

LEAST, MOST = "_min", "_max"  # a pair of settings with these endings is one slider with two ends


def form(group: str, *, without: tuple[str, ...] = ()) -> None:
    """Draw the widgets of a group of settings of the next run.

    Parameters
    ----------
    group : str
        Dotted name, such as ``contrastive.views``; empty for the settings at the top.
    without : tuple of str
        Names of settings in this group that are drawn elsewhere.
    """
    names = list(_model(group).model_fields)
    for name in names:
        dotted = f"{group}.{name}" if group else name
        pair = name.removesuffix(LEAST) + MOST
        if name in without or _is_group(_field(dotted)) or name.endswith(MOST):
            continue
        if name.endswith(LEAST) and pair in names:
            _interval(dotted, dotted.removesuffix(LEAST) + MOST)
        else:
            setting(dotted)


def setting(name: str) -> None:
    """Draw the widget of the setting with the dotted `name`; what the user sets there goes into the next run."""
    field = _field(name)
    key = _bind(name, value(name))
    common: dict[str, Any] = {"key": key, "help": field.description, "on_change": _take, "args": (key, (name,))}
    low, high, open_end = _range(field)
    if field.annotation is bool:
        st.toggle(str(field.title), **common)
    elif choices := _choices(field.annotation):
        st.selectbox(str(field.title), choices, **common)
    elif field.annotation is int:
        st.number_input(str(field.title), low, high, **common)
    elif open_end:  # such as a learning rate, whose useful values span powers of ten
        st.number_input(str(field.title), float(low), float(high), step=value(name) / 10, format="%g", **common)
    else:
        st.slider(str(field.title), float(low), float(high), step=_step(low, high), format="%g", **common)


def refusal() -> None:
    """Say which value was refused since the page was last drawn, and why."""
    if message := st.session_state.pop("refused", None):
        st.error(f"This value was not taken. {message}", icon=":material/error:")


def value(name: str) -> Any:
    """Return the setting of the next run with the dotted `name`."""
    current: Any = state.settings()
    for part in name.split("."):
        current = getattr(current, part)
    return current


def title(name: str) -> str:
    """Return the title of the setting with the dotted `name`."""
    return str(_field(name).title)


def _interval(least: str, most: str) -> None:
    field = _field(least)
    low, high, _ = _range(field)
    key = _bind(least, (value(least), value(most)))
    label = str(field.title).split(",")[0]
    about = f"{field.description} (left end) {_field(most).description} (right end)"
    st.slider(
        label,
        float(low),
        float(high),
        step=_step(low, high),
        format="%g",
        key=key,
        help=about,
        on_change=_take,
        args=(key, (least, most)),
    )


def _bind(name: str, current: Any) -> str:
    """Give the widget the current value of its setting; the settings, not the widgets, are what a run gets."""
    key = f"setting {name}"
    current = current.value if isinstance(current, Enum) else current
    if st.session_state.get(key) != current:
        st.session_state[key] = current
    return key


def _take(key: str, names: tuple[str, ...]) -> None:
    given = st.session_state[key]
    state.change(dict(zip(names, given if len(names) > 1 else (given,), strict=True)))


def _model(group: str) -> type[BaseModel]:
    model: Any = RunConfig
    for part in filter(None, group.split(".")):
        model = model.model_fields[part].annotation
    return model


def _field(name: str) -> FieldInfo:
    group, _, last = name.rpartition(".")
    return _model(group).model_fields[last]


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [member.value for member in annotation] if issubclass(annotation, Enum) else []


def _range(field: FieldInfo) -> tuple[Any, Any, bool]:
    """Return the least and the greatest value, and whether the least itself is excluded."""
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    return limits.get("ge", limits.get("gt", 0)), limits.get("le", 0), "gt" in limits


def _step(low: float, high: float) -> float:
    """Return a slider's step: some 500 to 5000 of them, in a power of ten."""
    return float(10.0 ** math.floor(math.log10((high - low) / 500)))
