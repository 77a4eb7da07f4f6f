"""Windows of ion mobility in lists."""

import pytest

from msiss.data.mobility_columns import find_mobility
from msiss.data.table import read_table
from msiss.errors import MsissWarning


@pytest.fixture
def windows(tmp_path):
    """Return a function that writes a list and returns its windows."""

    def found(text):
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return find_mobility(read_table(path))

    return found


@pytest.mark.parametrize(
    ("header", "row", "window"),
    [
        ("m/z;1/K0 start;1/K0 end", "760,5;1,25;1,5", (1.25, 1.5)),
        ("m/z;mobility_min;mobility_max", "760.5;1.25;1.5", (1.25, 1.5)),
        ("m/z;Interval Width (+/- Da);1/K0;Interval Width (+/- 1/K0)", "760.5;0.01;1.5;0.25", (1.25, 1.75)),  # SCiLS
        ("m/z;1/K0 (V·s/cm²);1/K0 width", "760.5;1.5;0.5", (1.25, 1.75)),
        ("m/z;mobility min;mobility max", "760.5;;", None),
        ("m/z;mobility min;mobility max", "760.5;1.5;1.25", None),
        ("m/z;name", "760.5;a", None),
    ],
)
def test_windows(windows, header, row, window) -> None:
    assert windows(f"{header}\n{row}\n") == [window]


def test_mobilities_without_a_width_are_left_out_with_a_warning(windows) -> None:
    with pytest.warns(MsissWarning, match=r"the column 1/K0 is left out, .* Add columns such as 1/K0 min and 1/K0 max"):
        assert windows("m/z;1/K0\n760.5;1.5\n") == [None]
