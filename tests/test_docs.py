"""What the documentation says of the library: its examples run, and each public name has one."""

import doctest
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import msiss
from msiss.analyse.representations import REPRESENTATIONS
from msiss.analyse.scores import SCORES
from msiss.phantom.section import make_phantom
from msiss.registry import Registry
from msiss.share.exports import EXPORTS
from msiss.share.figures.registry import FIGURES
from msiss.ui.tour import STEPS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def examples(page: str) -> doctest.DocTest:
    """Return the examples of a page; the fences around them are no part of what they print."""
    text = re.sub(r"^```.*$", "", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return doctest.DocTestParser().get_doctest(text, {}, page, str(DOCS / page), 0)


def run(page: str) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    failed, tried = runner.run(examples(page), out=said.append)
    assert tried
    assert not failed, "".join(said)


@pytest.mark.slow
@pytest.mark.usefixtures("msiss_home")
def test_the_library_does_what_its_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_phantom(shape=(24, 30), ions=20).write(tmp_path)
    monkeypatch.chdir(tmp_path)
    run("library.md")


def test_a_record_from_outside_is_used_as_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REPRESENTATIONS, "_records", dict(REPRESENTATIONS._records))
    monkeypatch.setattr(SCORES, "_records", dict(SCORES._records))
    monkeypatch.setitem(sys.modules, "rows", ModuleType("rows"))  # the page puts its own there, which goes again
    run("extending.md")


@pytest.mark.parametrize("name", [name for name in msiss.__all__ if not name.startswith("__")])
def test_every_public_name_has_an_example_and_a_reference(name: str) -> None:
    sources = [example.source for example in examples("library.md").examples]
    assert any(re.search(rf"\bmsiss\.{name}\b", source) for source in sources)
    assert re.search(rf":: msiss\.{name}$", (DOCS / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_is_reached_and_leads_to_what_is_there(page: Path) -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert page.stem == "index" or re.search(rf"^{page.stem}$", index, flags=re.MULTILINE)
    text = re.sub(r"^```pycon$.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in LINK.findall(text):
        assert (DOCS / target).exists(), target


def test_the_tour_has_the_steps_of_the_sidebar() -> None:
    told = re.findall(r"^\d\. \*\*(\w+)\*\*", (DOCS / "tour.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert told == [step.title for step in STEPS]


@pytest.mark.parametrize("registry", [EXPORTS, FIGURES], ids=["exports", "figures"])
def test_all_that_can_be_taken_away_is_told(registry: Registry) -> None:
    page = (DOCS / "export.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*) \|$", page, flags=re.MULTILINE))
    for one in registry:
        assert one.about in rows[one.name]


def test_files_that_the_pages_name_are_there() -> None:
    named = re.findall(r"`(msiss/[\w/]+(?:\.py|/))`", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    assert named
    for path in named:
        assert (ROOT / path).exists(), path
