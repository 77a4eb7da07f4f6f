import threading

import matplotlib as mpl
import pytest

from msiss.show.print.style import UNKNOWN, drawing, printable, shortened, text_width, wrapped


def test_the_settings_of_the_caller_are_back_afterwards():
    with mpl.rc_context({"font.size": 31.0, "text.parse_math": True}):
        with drawing():
            assert mpl.rcParams["font.size"] == 7
            assert not mpl.rcParams["text.parse_math"]
        assert mpl.rcParams["font.size"] == 31
        assert mpl.rcParams["text.parse_math"]


def test_only_one_thread_draws_at_a_time():
    entered = threading.Event()

    def draw():
        with drawing():
            entered.set()

    with drawing():
        other = threading.Thread(target=draw)
        other.start()
        assert not entered.wait(0.05)
    other.join(10)
    assert entered.is_set()


def test_letters_that_the_font_lacks_have_a_sign():
    assert printable("α 日本\nb\u202e") == f"α {UNKNOWN * 2} b "


@pytest.mark.parametrize("width", [3.0, 8.0, 20.0, 200.0])
def test_texts_fit(width):
    text = "a name that is much too long for its place, with words"
    cut = shortened(text, width, 7)
    assert text_width(cut, 7) <= width
    assert (cut == text) == (width == 200)
    lines = wrapped(text, width, 7)
    assert all(text_width(line, 7) <= width for line in lines)
    if width >= 8:
        assert " ".join(lines) == text


def test_the_width_of_a_text_grows_with_its_size():
    assert text_width("mmmm", 14) == pytest.approx(2 * text_width("mmmm", 7), rel=1e-3)
    # The advance of "m" in DejaVu Sans is 1995 of 2048 units.
    assert text_width("m" * 100, 10) == pytest.approx(100 * 1995 / 2048 * 10 / 72 * 25.4, rel=0.01)
