"""A recipe does what it says, and the data set remembers it."""

import numpy as np
import pytest

from msiss.data.importing import apply_recipe, import_data
from msiss.data.ion_images import IonImages
from msiss.data.prepare import PrepareConfig
from msiss.data.recipe import IonsConfig, MaskConfig, MeasurementConfig, ReadConfig, Recipe, Shape
from msiss.errors import DataError

CUT = Shape(name="hole", role="cut", points=((7.5, 7.5), (7.5, 9.5), (9.5, 9.5), (9.5, 7.5)))


def test_ions_and_pixels_are_chosen_and_the_recipe_is_kept(small_images):
    recipe = Recipe(
        ions=IonsConfig(least_structure=0.5),
        mask=MaskConfig(shapes=(CUT,)),
        prepare=PrepareConfig(normalisation="tic"),
    )
    made = apply_recipe(small_images, recipe)
    expected = small_images.mask.copy()
    expected[8:10, 8:10] = False
    np.testing.assert_array_equal(made.mask, expected)
    assert Recipe.model_validate(made.recipe) == recipe
    assert 0 < len(made) <= 12


def test_nothing_asked_nothing_done(small_images):
    made = apply_recipe(small_images, Recipe())
    assert made.fingerprint == small_images.fingerprint
    assert made.recipe == {}


@pytest.mark.filterwarnings("ignore:.*:msiss.errors.MsissWarning")
def test_a_data_set_is_made_anew_from_one_that_is_there(small_images, tmp_path):
    first = apply_recipe(small_images, Recipe(read=ReadConfig(ppm=3)))
    first.save(tmp_path / "first")
    calls: list[float] = []
    made = import_data(
        [tmp_path / "first"],
        Recipe(mask=MaskConfig(shapes=(CUT,))),
        progress=lambda fraction, _: calls.append(fraction),
    )
    assert Recipe.model_validate(made.recipe) == Recipe(read=ReadConfig(ppm=3), mask=MaskConfig(shapes=(CUT,)))
    assert made.source == small_images.source
    np.testing.assert_array_equal(IonImages.load(tmp_path / "first").images, small_images.images)
    assert calls == sorted(calls)


def test_what_the_file_does_not_say_is_taken_from_the_recipe_and_kept(small_images):
    entered = Recipe(measurement=MeasurementConfig(pixel_size=(25, 50)))
    made = apply_recipe(small_images, entered)
    assert (made.pixel_size, made.polarity) == ((25, 50), "positive")  # what is left open is as in the file
    again = apply_recipe(made, Recipe(measurement=MeasurementConfig(polarity="negative")))
    assert (again.pixel_size, again.polarity) == ((25, 50), "negative")
    kept = Recipe.model_validate(again.recipe).measurement
    assert kept == MeasurementConfig(pixel_size=(25, 50), polarity="negative")
    assert apply_recipe(made, Recipe()).recipe == made.recipe


@pytest.mark.parametrize(("value", "said"), [(np.nan, "not numbers"), (-3, "negative intensities, down to -3")])
def test_a_data_set_of_another_msiss_is_looked_at_as_any_file(small_images, tmp_path, value, said):
    small_images.save(tmp_path / "theirs")
    images = small_images.images.copy()
    images[5, 9, 9] = value
    np.save(tmp_path / "theirs" / "images.npy", images)
    with pytest.raises(DataError, match=said):
        import_data([tmp_path / "theirs"], Recipe())
