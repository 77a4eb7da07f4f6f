"""Forms generated from the pydantic models of the settings: titles, descriptions, ranges and choices."""

import math
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from msiss.data.ion_images import IonImages
from msiss.learn.settings import OneOf
from msiss.ui import state
from msiss.ui.literal import literal
from msiss.ui.widgets import ion_picker

Model = TypeVar("Model", bound=BaseModel)

REFERENCE = "prepare.reference_mz"
LEAST, MOST = "_min", "_max"  # a pair of settings with these endings is one slider with two ends
WIDE = 1e5  # a setting whose range spans more than this factor is typed: a slider has no place for all of it


def form(group: str, *, without: tuple[str, ...] = ()) -> None:
    """Draw the widgets of a group of settings of the next training.

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
        paired = name.endswith((LEAST, MOST)) and not _is_wide(_field(dotted))
        if name in without or _is_group(_field(dotted)) or (paired and name.endswith(MOST)):
            continue
        if paired and pair in names:
            _interval(dotted, dotted.removesuffix(LEAST) + MOST)
        else:
            setting(dotted)


def setting(name: str) -> None:
    """Draw the widget of the setting with the dotted `name`; the next training uses its value."""
    if name == REFERENCE:
        _reference()
        return
    key = _bind(name, value(name))
    _widget(_field(name), key, on_change=_take, args=(key, (name,)))


def edit(model: Model, key: str, *, only: tuple[str, ...] = ()) -> Model:
    """Draw the widgets of a model's settings and return the model with what the user has set.

    Parameters
    ----------
    model : BaseModel
        The current settings, with the initial values of the widgets. A model that was given or returned before leaves
        the widgets as the user has set them; any other, such as a loaded one, replaces their values.
    key : str
        Begins the keys of the widgets, as in "key name".
    only : tuple of str
        Names of the settings to draw; by default all that are a Boolean, a choice or a number.

    Returns
    -------
    BaseModel
        A copy, or `model` itself if the values are not valid together, which the page then shows.
    """
    fields = {
        name: field
        for name, field in type(model).model_fields.items()
        if name in (only or type(model).model_fields) and _is_simple(field)
    }
    known = st.session_state.get(f"{key} known", ())
    values: dict[str, Any] = {}
    for name, field in fields.items():
        place, current = f"{key} {name}", getattr(model, name)
        if place not in st.session_state or model not in known:
            st.session_state[place] = current.value if isinstance(current, Enum) else current
        values[name] = _widget(field, place)
    try:
        changed = type(model).model_validate(dict(model) | values)
    except ValidationError as error:
        st.error(f"These values do not go together. {literal(error.errors()[0]['msg'])}", icon=":material/error:")
        changed = model
    st.session_state[f"{key} known"] = (model, changed)
    return changed


def forget(key: str) -> None:
    """Make the widgets of `edit` show the next model they are given, even one that was given before."""
    st.session_state.pop(f"{key} known", None)


def refusal() -> None:
    """Show which value was refused since the page was last drawn, and why."""
    if message := st.session_state.pop("refused", None):
        st.error(f"This value was not taken. {literal(message)}", icon=":material/error:")


def value(name: str) -> Any:
    """Return the value of the setting with the dotted `name` for the next training."""
    return state.settings().value(name)


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
        (float(value(least)), float(value(most))),
        step=_step(low, high),
        format="%g",
        key=key,
        help=about,
        on_change=_take,
        args=(key, (least, most)),
    )


def _reference() -> None:
    """Let the user choose the reference peak among the ions of the data set, where one is needed."""
    images = state.dataset()
    if images is None or value("prepare.normalisation") != "reference":
        return
    current = ion_picker.nearest(images, value(REFERENCE))
    if images.mz[current] != value(REFERENCE):
        current = ion_picker.spread(images, 1)[0]  # the most intense ion, until the user chooses another
        state.change({REFERENCE: float(images.mz[current])})
    key = _bind(REFERENCE, float(images.mz[current]))
    names = {float(mz): ion_picker.label(images, ion) for ion, mz in enumerate(images.mz)}
    st.selectbox(
        f"Reference peak ({images.axis.title})",
        list(names),
        index=current,
        format_func=lambda mz: names[mz],
        filter_mode="contains",
        key=key,
        help=_field(REFERENCE).description,
        accept_new_options=True,
        on_change=_take_reference,
        args=(images, key),
    )


def _take_reference(images: IonImages, key: str) -> None:
    typed = st.session_state[key]
    if isinstance(typed, str):
        found = ion_picker.find(images, typed)
        st.session_state[key] = float(images.mz[found[0]]) if found else value(REFERENCE)
    _take(key, (REFERENCE,))


def _widget(field: FieldInfo, key: str, **callback: Any) -> Any:
    """Draw the widget for a setting and return its value, which the session state holds under `key`.

    The widget gets the value as its default as well: a browser that never received the value of the session, as a
    page was drawn again too soon, would otherwise send the least value back as if the user had set it.
    """
    current = st.session_state[key]
    common: dict[str, Any] = {"key": key, "help": field.description, **callback}
    kind, label = _kind(field.annotation), str(field.title)
    low, high, open_end = _range(field)
    if kind is bool:
        return st.toggle(label, current, **common)
    if choices := _choices(field):
        return st.selectbox(label, choices, choices.index(current) if current in choices else None, **common)
    if kind is int:
        return st.number_input(label, low, high, current, **common)
    current = None if current is None else float(current)
    if open_end or _is_wide(field):  # such as a learning rate, whose useful values span powers of ten
        step = (current or high) / 10
        return st.number_input(label, float(low), float(high), current, step=step, format="%g", **common)
    return st.slider(label, float(low), float(high), current, step=_step(low, high), format="%g", **common)


def _bind(name: str, current: Any) -> str:
    """Set the widget to the current value of its setting and return its key; a training uses the settings."""
    key = f"setting {name}"
    current = current.value if isinstance(current, Enum) else current
    if st.session_state.get(key) != current:
        st.session_state[key] = current
    return key


def _take(key: str, names: tuple[str, ...]) -> None:
    given = st.session_state[key]
    state.change(dict(zip(names, given if len(names) > 1 else (given,), strict=True)))


def _model(group: str) -> type[BaseModel]:
    model: Any = type(state.settings())
    for part in filter(None, group.split(".")):
        model = model.model_fields[part].annotation
    return model


def _field(name: str) -> FieldInfo:
    group, _, last = name.rpartition(".")
    return _model(group).model_fields[last]


def _is_group(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _is_simple(field: FieldInfo) -> bool:
    kind = _kind(field.annotation)
    return kind in (bool, int, float) or bool(_choices(field))


def _kind(annotation: Any) -> Any:
    """Return the type of a setting, without the None of an optional one."""
    if get_origin(annotation) in (Union, UnionType):
        return next(kind for kind in get_args(annotation) if kind is not NoneType)
    return annotation


def _choices(field: FieldInfo) -> list[str]:
    for rule in field.metadata:
        if isinstance(rule, OneOf):
            return list(rule.registry.names)
    kind = _kind(field.annotation)
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [member.value for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _range(field: FieldInfo) -> tuple[Any, Any, bool]:
    """Return the least and the greatest value, None where there is none, and whether the least itself is excluded."""
    limits = {
        name: getattr(rule, name) for rule in field.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    return limits.get("ge", limits.get("gt")), limits.get("le"), "gt" in limits


def _is_wide(field: FieldInfo) -> bool:
    low, high, _ = _range(field)
    return bool(low and high and high / low > WIDE)


def _step(low: float, high: float) -> float:
    """Return a slider's step: some 500 to 5000 of them, in a power of ten."""
    return float(10.0 ** math.floor(math.log10((high - low) / 500)))
