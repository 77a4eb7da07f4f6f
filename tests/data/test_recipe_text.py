import pytest

from msiss.data.axis import RAMAN
from msiss.data.recipe import (
    IonsConfig,
    ListedIon,
    MaskConfig,
    MeasurementConfig,
    PictureMz,
    PrepareConfig,
    ReadConfig,
    Recipe,
    Shape,
)
from msiss.data.recipe_text import steps

CORNERS = ((0, 0), (0, 5), (5, 5))


def test_the_parts_are_in_the_order_in_which_they_are_done():
    assert list(steps(Recipe())) == ["Read", "Measurement", "Ions", "Pixels", "Intensities"]


def test_what_is_left_alone_is_said_too():
    written = steps(Recipe())
    assert written["Ions"] == ("All ions stay.",)
    assert written["Measurement"] == ("Pixel size and polarity are as the files say.",)
    assert written["Pixels"] == ("All measured pixels stay.",)
    assert written["Intensities"] == ("As the preset of a training says.",)


def test_what_a_recipe_leaves_open_is_not_said_to_be_done():
    (side, rest) = steps(Recipe(prepare=PrepareConfig(side=96)))["Intensities"]
    assert side == "Fitted into squares of 96 × 96 pixels."
    assert rest == "What this leaves open is as the preset of a training says."
    whole = PrepareConfig.model_validate(PrepareConfig().model_dump())
    assert steps(Recipe(prepare=whole))["Intensities"] == (
        "Not normalised, clipped at the 0.999 quantile.",
        "Fitted into squares of 96 × 96 pixels.",
    )


@pytest.mark.parametrize(
    ("recipe", "part", "said"),
    [
        (Recipe(read=ReadConfig(ppm=3)), "Read", "±3 ppm"),
        (Recipe(read=ReadConfig(peaks="list", mz_list=(ListedIon(mz=1),))), "Read", "The 1 m/z of the list"),
        (Recipe(read=ReadConfig(peaks="both", number=1200)), "Read", "up to 1,200 peaks"),
        (Recipe(read=ReadConfig(noise=7)), "Read", "7 times above the noise"),
        (Recipe(read=ReadConfig(mz_list=(ListedIon(mz=1),))), "Read", "named by a list of 1 m/z"),
        (Recipe(read=ReadConfig(plane=4)), "Read", "plane 4"),
        (Recipe(read=ReadConfig(spectrum_type="centroid")), "Read", "are read as centroid"),
        (Recipe(read=ReadConfig(spectra="negative MS1")), "Read", "negative MS1 are taken"),
        (Recipe(read=ReadConfig(per_pixel="last")), "Read", "the last one is taken"),
        (Recipe(read=ReadConfig(other_uuid=True)), "Read", "does not carry the UUID"),
        (Recipe(read=ReadConfig(axes="rows columns mz")), "Read", "rows × columns × mz"),
        (Recipe(read=ReadConfig(picture_mz=(PictureMz(file="a.png", mz=7),))), "Read", "m/z of 1 picture"),
        (Recipe(measurement=MeasurementConfig(pixel_size=(10, 20.5))), "Measurement", "Pixels are 20.5 × 10 µm"),
        (Recipe(measurement=MeasurementConfig(polarity="mixed")), "Measurement", "The polarity is mixed"),
        (Recipe(ions=IonsConfig(least_share=0.25)), "Ions", "less than 0.25 of the measured pixels"),
        (Recipe(ions=IonsConfig(least_structure=0.0)), "Ions", "Moran's I below 0 go"),
        (Recipe(ions=IonsConfig(merge_duplicates=True)), "Ions", "near-duplicate"),
        (Recipe(ions=IonsConfig(isotopes="drop")), "Ions", "13C"),
        (Recipe(mask=MaskConfig(least_tic=0.1)), "Pixels", "less than 0.1 of the 99% quantile"),
        (Recipe(mask=MaskConfig(loaded="x")), "Pixels", "loaded mask"),
        (Recipe(mask=MaskConfig(regions=("a", "b"))), "Pixels", "only a, b stay"),
        (Recipe(prepare=PrepareConfig(normalisation="tic", side=128)), "Intensities", "TIC-normalised"),
        (Recipe(prepare=PrepareConfig(side=128)), "Intensities", "128 × 128 pixels"),
    ],
)
def test_every_setting_is_said(recipe, part, said):
    assert said in " ".join(steps(recipe)[part])


@pytest.mark.parametrize(
    ("role", "said"), [("keep", "Only pixels inside a, b"), ("cut", "go."), ("region", "named: a")]
)
def test_areas_are_named_by_what_they_are_for(role, said):
    shapes = tuple(Shape(name=name, role=role, points=CORNERS) for name in "ab")
    (sentence,) = steps(Recipe(mask=MaskConfig(shapes=shapes)))["Pixels"]
    assert said in sentence


def test_the_reference_has_the_unit_of_the_images():
    recipe = Recipe(prepare=PrepareConfig(normalisation="reference", reference_mz=1003.2))
    assert "Raman shift 1003.2 cm⁻¹" in steps(recipe, RAMAN)["Intensities"][0]
