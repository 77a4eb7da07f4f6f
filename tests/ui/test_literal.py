"""No text of a file, an address or a keyboard is taken for Markdown."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msiss.ui.literal import LONGEST, literal

ROOT = Path(__file__).parents[2]
# The first argument, or the named one, of these is Markdown.
MARKDOWN = {
    *("markdown", "caption", "error", "warning", "info", "success", "toast", "title", "header", "subheader"),
    *("metric", "expander", "popover", "button", "download_button", "checkbox", "toggle", "radio", "selectbox"),
    *("multiselect", "segmented_control", "pills", "text_input", "file_uploader", "progress", "image", "page_link"),
}
NAMED = {"help", "caption", "text", "label"}
# What msiss says itself: numbers, titles of settings and measures, and what was made literal where it was put together.
OWN = {
    "pages/explore/regions.py: shown",
    "pages/explore/regions.py: view.title(shown)",
    "ui/explore/cluster_numbers.py: '\\n'.join((f'- **{NUMBER_TITLES[name]}**: {MEANINGS[name]}' for name in known))",
    "ui/explore/cluster_numbers.py: ABOUT",
    "ui/explore/advised.py: PURPOSES[answer]",
    "ui/explore/advised.py: title_of(name)",
    "ui/explore/augmentations.py: ABOUT",
    "ui/explore/augmentations.py: config.encoder",
    "ui/explore/augmentations.py: config.prepare.side",
    "ui/explore/augmentations.py: label",
    "ui/explore/augmentations.py: whose",
    "ui/explore/trust.py: FEWEST",
    "ui/explore/trust.py: METHODS[run.config.method].confidence",
    "ui/explore/trust.py: about",
    "ui/explore/trust.py: right",
    "ui/explore/cluster_numbers.py: choice.reason",
    "ui/explore/cluster_numbers.py: line",
    "ui/explore/cluster_numbers.py: number",
    "ui/explore/comparison.py: ABOUT_RANKS",
    "ui/explore/comparison.py: ABOUT_TREES",
    "ui/explore/comparison.py: MOST",
    "ui/explore/comparison.py: SCALE",
    "ui/explore/comparison.py: images.axis.name",
    "ui/explore/disagreements.py: ABOUT",
    "ui/explore/disagreements.py: ANSWER_HELP",
    "ui/explore/disagreements.py: _told(images, row, measures, answer)",
    "ui/explore/disagreements.py: about_sides(counted[0])",
    "ui/explore/disagreements.py: first.title",
    "ui/explore/disagreements.py: second.title",
    "ui/explore/clusters/choice.py: title",
    "ui/explore/clusters/large.py: ABOUT[what]",
    "ui/explore/clusters/large.py: unknown",
    "ui/explore/clusters/learning.py: '  \\n'.join(map(literal, lines))",
    "ui/explore/clusters/learning.py: ABOUT",
    "ui/explore/clusters/learning.py: MOST_FLOWS",
    "ui/explore/clusters/learning.py: line",
    "ui/explore/clusters/moving.py: splitting.FEWEST",
    "ui/explore/clusters/one_cluster.py: ', '.join(parts)",
    "ui/explore/clusters/one_cluster.py: METHODS[grouping.run.config.method].confidence",
    "ui/explore/clusters/one_cluster.py: cluster.colour",
    "ui/explore/clusters/review.py: _listed(_said(row['reasons'], images, grouping))",
    "ui/explore/clusters/review.py: about",
    "ui/explore/clusters/review.py: colour",
    "ui/explore/clusters/review.py: images",
    "ui/explore/clusters/scoring.py: '  \\n'.join(_about(table))",
    "ui/explore/clusters/sheet.py: about_empty(shown, empty)",
    "ui/explore/clusters/spectrum.py: images",
    "ui/explore/clusters/spectrum.py: split",
    "ui/explore/clusters/splitting.py: _which(grouping, ions)",
    "ui/explore/clusters/splitting.py: about",
    "ui/explore/evidence.py: '\\n'.join((f'- **{EVIDENCE_TITLES[key]}**: {about}' for key, about in meanings.items()))",
    "ui/explore/evidence.py: '\\n'.join((f'- {reason}' for reason in reasons_by_data(found)))",
    "ui/explore/evidence.py: '\\n\\n'.join((f'**{answer}**' for answer in answers))",
    "ui/explore/judged.py: '\\n'.join((f'- {about_sides(one)}' for one in counted))",
    "ui/explore/judged.py: similarity.DISAGREEMENTS",
    "ui/explore/map.py: METHOD_HELP",
    "ui/explore/map.py: MOST_PICTURES",
    "ui/explore/map.py: images",
    "ui/explore/map.py: label",
    "ui/explore/partners.py: SCALE",
    "ui/explore/partners.py: measure.title",
    "ui/explore/quality.py: '\\n'.join((f'- **{title}**: {meanings[key]}' for key, title in titles.items()))",
    "ui/explore/quality.py: images.axis.title",
    "ui/explore/selection_bar.py: images.axis.name",
    "ui/explore/selection_bar.py: images.axis.title",
    "ui/explore/selection_bar.py: text",
    "ui/explore/selection_bar.py: title",
    "ui/widgets/ion_dialog.py: images",
    "ui/explore/similarity.py: title_of(IMAGE_VECTORS)",
    "ui/explore/similarity.py: title_of(METASPACE)",
    "ui/explore/similarity.py: title_of(learned)",
    "ui/explore/overlay.py: self.images",
    "ui/explore/overlay_channels.py: MOST_CHANNELS",
    "ui/explore/overlay_channels.py: about",
    "ui/explore/overlay_channels.py: images.axis.title",
    "ui/explore/overlay_channels.py: shown.span(channel)",
    "ui/explore/overlay_channels.py: title",
    "ui/explore/overlay_picture.py: title",
    "ui/explore/region_areas.py: height",
    "ui/explore/region_areas.py: width",
    "ui/explore/region_clusters.py: ABOUT",
    "ui/explore/region_clusters.py: _sentence(found[:, 0], [titles[number] for number in means])",
    "ui/explore/region_ions.py: WHY_NO_P",
    "ui/explore/region_ions.py: number",
    "ui/explore/region_ions.py: regions.about(compared)",
    "ui/explore/regions.py: side.upper()",
    "ui/explore/view.py: text",
    "ui/page.py: label",
    "ui/page.py: page",
    "ui/page.py: purpose",
    "ui/page.py: status.state",
    "ui/page.py: title",
    "ui/runs/bin.py: size(free_bytes(state.store().folder))",
    "ui/runs/bin.py: size(trash.bytes())",
    "ui/runs/bin.py: size(used)",
    "ui/runs/comparison.py: caption",
    "ui/runs/comparison.py: name",
    "ui/runs/details.py: BOUND",
    "ui/runs/details.py: STARTS",
    "ui/runs/details.py: cluster.summary(run)",
    "ui/runs/details.py: sidebar.badge(run)",
    "ui/runs/replicates.py: ', '.join((str(run.config.seed) for run in summary.runs))",
    "ui/runs/replicates.py: ABOUT",
    "ui/runs/replicates.py: done",
    "ui/runs/replicates.py: images",
    "ui/runs/replicates.py: isotopes",
    "ui/runs/replicates.py: label",
    "ui/runs/replicates.py: summary.ami",
    "ui/runs/replicates.py: summary.ari",
    "ui/page.py: without",
    "ui/open/health_report.py: LEVELS[row.level]",
    "ui/open/health_report.py: words.count(passed, 'check')",
    "ui/open/questions.py: about.description",
    "ui/open/questions.py: label",
    "ui/open/data_sets.py: _jobs_warning(jobs)",
    "ui/open/data_sets.py: about",
    "ui/open/data_sets.py: images",
    "ui/open/data_sets.py: images.shape[0]",
    "ui/open/data_sets.py: images.shape[1]",
    "ui/open/data_sets.py: label",
    "ui/open/data_sets.py: number",
    "ui/open/import_jobs.py: follows",
    "ui/open/import_jobs.py: text",
    "ui/open/reading.py: '\\n'.join(written_down)",
    "ui/open/reading.py: about",
    "ui/open/reading.py: kept",
    "ui/open/reading.py: label",
    "ui/open/reading.py: words.count(len(listed), 'ion')",
    "ui/open/sources.py: ' – '.join(filter(None, [literal(text), words.time_left(left)]))",
    "ui/open/sources.py: SEVERAL",
    "ui/prepare/pixels.py: ROLES[shape.role]",
    "ui/prepare/pixels.py: height",
    "ui/prepare/pixels.py: width",
    "ui/prepare/training_data.py: ' and '.join(parts)",
    "ui/share/downloads.py: _size(images)",
    "ui/share/downloads.py: export.about",
    "ui/share/downloads.py: export.opens",
    "ui/share/downloads.py: export.title",
    "ui/share/downloads.py: title(shown)",
    "ui/sidebar.py: ' '.join([badge(current), *(f':gray-badge[{literal(tag)}]' for tag in label_of(current).tags)])",
    "ui/share/figures.py: WHOLE_HELP",
    "ui/share/figures.py: kind.about",
    "ui/share/figures.py: kind.name",
    "ui/share/report_file.py: about",
    "ui/share/report_file.py: kind.upper()",
    "ui/sidebar.py: __version__",
    "ui/tour.py: number",
    "ui/tour.py: step.page",
    "ui/tour.py: step.text",
    "ui/tour.py: step.title",
    "ui/train/augment.py: kinds[kind].about",
    "ui/train/cluster.py: _listed(changes)",
    "ui/train/cluster.py: methods.expected_time(state.settings(), data.ions)",
    "ui/train/cluster.py: state.preset()",
    "ui/train/cluster.py: title",
    "ui/train/methods.py: PRESET_HELP",
    "ui/train/methods.py: method.about_presets",
    "ui/train/methods.py: note",
    "ui/train/start.py: ABOUT",
    "ui/train/progress.py: ' '.join(badges)",
    "ui/train/progress.py: _place(status)",
    "ui/train/progress.py: cluster.summary(run)",
    "ui/train/progress.py: spent",
    "ui/train/progress.py: status.state",
    "ui/widgets/analysis.py: title",
    "ui/widgets/csv_download.py: label",
    "ui/widgets/figure_download.py: about",
    "ui/widgets/figure_download.py: form.upper()",
    "ui/widgets/forms.py: _field(REFERENCE).description",
    "ui/widgets/forms.py: images.axis.title",
    "ui/widgets/forms.py: label",
    "ui/widgets/gallery.py: caption",
    "ui/widgets/gallery.py: images",
    "ui/widgets/ion_picker.py: images.axis.name",
    "ui/widgets/ion_picker.py: images.axis.title",
    "ui/widgets/ion_picker.py: most",
    "ui/widgets/ion_picker.py: text",
    "ui/widgets/representations.py: f'{about}\\n\\n{told}'.strip()",
    "ui/widgets/representations.py: label",
    "ui/widgets/step_list.py: '\\n'.join([f'**{title}**', '', *(f'- {literal(line)}' for line in lines)])",
    "ui/widgets/job_progress.py: ' – '.join(filter(None, parts))",
    "ui/widgets/job_progress.py: stopping",
}

HOSTILE = [
    "![x](https://example.org/x.png)",
    "[click](https://example.org)",
    "<img src=x onerror=alert(1)>",
    ":material/home: :smile: :red[text] :red-badge[x]",
    "$x^2$ **bold** _it_ `code` ~~gone~~",
    "https://example.org www.example.org a@example.org",
    "# title",
    "- item",
    "1. item",
    "&lt;b&gt; &#33;",
    "\\*",
]


ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # what a backslash makes plain in CommonMark


def shown(text: str) -> str:
    """Return what CommonMark shows of a text in which nothing may be left that means anything to it."""
    left = ESCAPED.sub("\0", text)  # what stands beside it does not come together
    assert not re.search(r"[\\`*\[\]<$~\n]|:[a-zA-Z]|&#|&\w+;", left)
    assert not re.match(r"[#>+-]|\d+[.)](\s|$)", text)
    return ESCAPED.sub(r"\1", text).replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_shown_as_it_is(text) -> None:
    assert shown(literal(text)) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_any_text_is_shown_as_it_is(text) -> None:
    assert shown(literal(text)) == text.replace("\N{WORD JOINER}", "")


def test_what_streamlit_finds_later_is_broken_up() -> None:
    text = ESCAPED.sub(r"\1", literal(":material/home: :smile: :+1: https://example.org www.example.org a@example.org"))
    for found in (":material/home:", ":smile:", ":+1:", "https://", "www.", "a@example"):
        assert found not in text


def test_one_line_of_readable_letters() -> None:
    assert literal("a\n\n# b\x00\u202ec") == "a  # b  c"
    assert len(literal("x" * 10**6)) == LONGEST


def test_usual_names_stay_as_they_are() -> None:
    for name in ("PC(34:1)", "C42H82NO8P", "760.5851", "mouse_brain_2.imzML", "5,7,3',4'-Flavone", "37 °C"):
        assert literal(name) == name


def _calls() -> list[tuple[str, str]]:
    found = []
    for file in (*(ROOT / "msiss" / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            choice = call.func if isinstance(call.func, ast.IfExp) else None  # of two such functions
            called = choice.body if choice else call.func
            if not isinstance(called, ast.Attribute) or called.attr not in MARKDOWN:
                continue
            first = {"progress": slice(1, 2), "image": slice(0)}.get(called.attr, slice(1))
            given = [*call.args[first], *(word.value for word in call.keywords if word.arg in NAMED)]
            found += [
                (file.relative_to(ROOT).as_posix().removeprefix("msiss/"), part)
                for argument in given
                for part in _foreign(argument)
            ]
    return found


def _foreign(node: ast.expr) -> list[str]:
    """Return the parts of an expression that are neither written in the program nor made literal."""
    match node:
        case ast.Constant():
            return []
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
            return [found for part in parts for found in _foreign(part)]
        case ast.FormattedValue(value=value):
            return [] if node.format_spec is not None else _foreign(value)  # a format is for numbers
        case ast.BinOp(left=left, right=right):
            return [*_foreign(left), *_foreign(right)]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_foreign(body), *_foreign(orelse)]
        case ast.Call(func=ast.Name(id="literal" | "count" | "len" | "duration")):
            return []
    return [ast.unparse(node)]


def test_all_text_is_made_literal() -> None:
    shown = {f"{file}: {part}" for file, part in _calls()}
    assert sorted(shown - OWN) == [], "make it literal, or say in OWN that it is the program's own"
    assert sorted(OWN - shown) == [], "no longer shown: take it out of OWN"
