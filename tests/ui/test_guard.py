import warnings

from msiss.errors import MsissWarning
from msiss.ui.guard import heard_warnings


def test_only_warnings_for_the_user_are_kept_each_once():
    with heard_warnings() as heard:
        warnings.warn("a pixel is missing", MsissWarning, stacklevel=1)
        warnings.warn("a pixel is missing", MsissWarning, stacklevel=1)
        warnings.warn("for programmers", DeprecationWarning, stacklevel=1)
    assert heard == ["a pixel is missing"]
