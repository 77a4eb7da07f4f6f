"""The bar of the page: the selection, what can be done with it, and the corrections."""

from msiss.data.ion_images import IonImages
from msiss.runs.grouping import Grouping
from msiss.ui.explore import selection_bar
from msiss.ui.explore.clusters import history, moving
from msiss.ui.explore.view import View


def draw(shown: View, images: IonImages, grouping: Grouping) -> None:
    """Draw the bar."""

    def beside() -> None:
        moving.draw(shown, images, grouping)
        history.draw(shown, images, grouping)

    selection_bar.draw(images, beside=beside)
    history.warn(grouping)
