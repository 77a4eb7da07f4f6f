"""Clusters: the groups of co-localized ions; to look at, to correct, and to learn from the corrections."""

from msiss.ui.explore import cluster_numbers, results, view
from msiss.ui.explore.clusters import bar, choice, learning, one_cluster, review, sheet, spectrum, splitting
from msiss.ui.page import heading, next_step, require_run

heading(
    "Clusters",
    "Look through the groups of ions that share a spatial pattern, name them and correct them; the run itself is never "
    "changed.",
)
run, images = require_run()

row = view.options_row()
shown = view.choose(run, images, row)
with row:
    part = choice.choose_part()
grouping = results.grouping(shown)
bar.draw(shown, images, grouping)
splitting.draw(shown, images, grouping)

if part == choice.SHEET:
    sheet.draw(shown, images, grouping)
    cluster_numbers.show(shown, images)
elif part == choice.ONE:
    one_cluster.draw(shown, images, grouping)
elif part == choice.SPECTRUM:
    spectrum.draw(images, grouping)
elif part == choice.REVIEW:
    review.draw(shown, images, grouping)
else:
    learning.draw(shown, images, grouping)

next_step("pages/explore/similarity.py", "compare single ions")
