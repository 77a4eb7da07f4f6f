"""The location of the scripts of the dashboard."""

from pathlib import Path

from msiss.errors import RunError


def script() -> Path:
    """Return the path of app.py, with its pages and ``.streamlit`` beside it.

    Raises
    ------
    RunError
        If it is missing.
    """
    package = Path(__file__).resolve().parent
    # In an installed package they are inside it (see setup.py); in the source folder they are beside it.
    places = (package / "_dashboard" / "app.py", package.parent / "app.py")
    found = next((place for place in places if place.is_file() and (place.parent / "pages").is_dir()), None)
    if found is None:
        raise RunError(f"The dashboard {places[1]} is missing. Install msiss again, as the README says.")
    return found
