"""Forms made from a model: every kind of setting is drawn, changed and given back."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from streamlit.testing.v1 import AppTest

from msiss.data.recipe import IonsConfig, ReadConfig
from msiss.learn.paper.config import AugmentConfig


class Settings(BaseModel):
    """One setting of each kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    yes: bool = Field(False, title="Yes")
    choice: Literal["a", "b"] = Field("a", title="Choice")
    number: int = Field(3, ge=1, le=9, title="Number")
    share: float = Field(0.5, ge=0, le=1, title="Share")
    rate: float = Field(0.1, gt=0, le=10, title="Rate")
    plane: int | None = Field(None, title="Plane")
    listed: tuple[float, ...] = Field((1.0,), title="Listed")


def page_that_keeps():
    import streamlit as st

    from msiss.ui.widgets import forms

    st.session_state["model"] = forms.edit(st.session_state["model"], "test")


def page_that_forgets():
    import streamlit as st

    from msiss.data.recipe import ReadConfig
    from msiss.ui.widgets import forms

    st.session_state["model"] = forms.edit(ReadConfig(), "read", only=("number", "ppm"))


def opened(page, model=None):
    app = AppTest.from_function(page)
    if model is not None:
        app.session_state["model"] = model
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def test_every_kind_of_setting_is_given_back():
    app = opened(page_that_keeps, Settings())
    assert app.session_state["model"] == Settings()
    app.toggle(key="test yes").set_value(True).run()
    app.selectbox(key="test choice").select("b").run()
    app.number_input(key="test number").set_value(7).run()
    app.slider(key="test share").set_value(0.25).run()
    app.number_input(key="test rate").set_value(2.0).run()
    assert app.number_input(key="test plane").value is None
    app.number_input(key="test plane").set_value(4).run()
    expected = Settings(yes=True, choice="b", number=7, share=0.25, rate=2.0, plane=4)
    assert app.session_state["model"] == expected
    assert app.session_state["model"].listed == (1.0,)


def test_another_model_is_taken_over_by_the_widgets():
    app = opened(page_that_keeps, IonsConfig())
    app.slider(key="test least_share").set_value(0.1).run()
    app.session_state["model"] = IonsConfig(least_share=0.4, isotopes="drop")
    app.run()
    assert app.slider(key="test least_share").value == 0.4
    assert app.session_state["model"] == IonsConfig(least_share=0.4, isotopes="drop")


def test_a_page_that_starts_from_the_same_values_keeps_what_was_set():
    app = opened(page_that_forgets)
    assert [one.key for one in app.number_input] == ["read ppm", "read number"]
    app.number_input(key="read number").set_value(40).run()
    app.number_input(key="read ppm").set_value(25.0).run()
    assert app.session_state["model"] == ReadConfig(number=40, ppm=25.0)


def test_a_value_out_of_range_is_never_given_back():
    app = opened(page_that_keeps, Settings())
    app.number_input(key="test number").set_value(99).run()
    assert 1 <= app.session_state["model"].number <= 9


def test_values_that_do_not_go_together_are_said_and_not_taken():
    app = opened(page_that_keeps, AugmentConfig())
    app.slider(key="test blur_min").set_value(2.0).run()
    assert app.session_state["model"] == AugmentConfig()
    assert "the least blur is larger than the most blur" in app.error[0].value
