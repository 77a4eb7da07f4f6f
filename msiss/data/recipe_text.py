"""The steps of a recipe in sentences, in their order."""

from msiss.data.axis import MZ, Axis
from msiss.data.prepare import describe
from msiss.data.recipe import EACH_KIND, IonsConfig, MaskConfig, MeasurementConfig, PrepareConfig, ReadConfig, Recipe
from msiss.words import count

SOURCES = {
    "data": "The {number:,} most structured and most intense peaks of the data become ion images",
    "list": "The {listed:,} m/z of the list become ion images",
    "both": "The {listed:,} m/z of the list and up to {number:,} peaks of the data become ion images",
}
PER_PIXEL = {"sum": "the sum", "last": "the last one"}
ROLES = {
    "keep": "Only pixels inside {names} stay.",
    "cut": "Pixels inside {names} go.",
    "region": "Regions are drawn and named: {names}.",
}


def steps(recipe: Recipe, axis: Axis = MZ) -> dict[str, tuple[str, ...]]:
    """Return the sentences about each part of a recipe, by the title of the part.

    Parameters
    ----------
    recipe : Recipe
    axis : Axis
        Axis of the images, for the unit of the reference peak.
    """
    return {
        "Read": tuple(_read(recipe.read)),
        "Measurement": tuple(_measurement(recipe.measurement)) or ("Pixel size and polarity are as the files say.",),
        "Ions": tuple(_ions(recipe.ions)) or ("All ions stay.",),
        "Pixels": tuple(_mask(recipe.mask)) or ("All measured pixels stay.",),
        "Intensities": tuple(_prepare(recipe.prepare, axis)),
    }


def _read(config: ReadConfig) -> list[str]:
    source = SOURCES[config.peaks].format(number=config.number, listed=len(config.mz_list))
    sentences = [f"{source}, each the signal within ±{config.ppm:g} ppm of its m/z."]
    if config.peaks != "list":
        sentences.append(
            f"In profile spectra a peak rises {config.noise:g} times above the noise and stands out by "
            f"{config.prominence:.0%} of its height."
        )
    if config.peaks == "data" and config.mz_list:
        sentences.append(f"Ions are named by a list of {len(config.mz_list):,} m/z.")
    if config.spectrum_type != "data":
        sentences.append(f"The spectra are read as {config.spectrum_type}, whatever the files say.")
    if config.spectra == EACH_KIND:
        sentences.append("Each kind of spectra becomes a data set of its own.")
    elif config.spectra:
        sentences.append(f"Of several kinds of spectra, {config.spectra} are taken.")
    if config.per_pixel != "mean":
        sentences.append(f"Of several spectra of a pixel, {PER_PIXEL[config.per_pixel]} is taken.")
    if config.other_uuid:
        sentences.append("The .ibd file is used although it does not carry the UUID of the header.")
    if config.axes:
        sentences.append(f"The axes are read as {config.axes.replace(' ', ' × ')}.")
    if config.picture_mz:
        sentences.append(f"The m/z of {count(len(config.picture_mz), 'picture')} are set by hand.")
    if config.plane is not None:
        sentences.append(f"Of a three-dimensional file, plane {config.plane} is taken.")
    return sentences


def _measurement(config: MeasurementConfig) -> list[str]:
    sentences = []
    if config.pixel_size is not None:
        height, width = config.pixel_size
        sentences.append(f"Pixels are {width:g} × {height:g} µm (width × height), whatever the files say.")
    if config.polarity is not None:
        sentences.append(f"The polarity is {config.polarity}, whatever the files say.")
    return sentences


def _ions(config: IonsConfig) -> list[str]:
    sentences = []
    if config.least_share:
        sentences.append(f"Ions found in less than {config.least_share:.3g} of the measured pixels go.")
    if config.least_structure > -1:
        sentences.append(f"Ions with Moran's I below {config.least_structure:.3g} go.")
    if config.merge_duplicates:
        sentences.append("Of near-duplicate ions in one peak the most intense one stays.")
    if config.isotopes == "drop":
        sentences.append("Ions that look like the 13C isotope of another one go.")
    return sentences


def _mask(config: MaskConfig) -> list[str]:
    sentences = []
    if config.least_tic:
        sentences.append(f"Pixels with less than {config.least_tic:.3g} of the 99% quantile of the total ion count go.")
    if config.loaded:
        sentences.append("Pixels that are black in the loaded mask go.")
    for role, sentence in ROLES.items():
        if names := [shape.name for shape in config.shapes if shape.role == role]:
            sentences.append(sentence.format(names=", ".join(names)))
    if config.regions:
        sentences.append(f"Of the regions only {', '.join(config.regions)} stay.")
    return sentences


def _prepare(config: PrepareConfig, axis: Axis) -> list[str]:
    given = config.model_fields_set
    if not given:
        return ["As the preset of a training says."]
    sentences = []
    if given - {"side"}:
        done = describe(config, axis)
        sentences.append(f"{done[0].upper()}{done[1:]}.")
    if "side" in given:
        sentences.append(f"Fitted into squares of {config.side} × {config.side} pixels.")
    if given < set(PrepareConfig.model_fields):
        sentences.append("What this leaves open is as the preset of a training says.")
    return sentences
