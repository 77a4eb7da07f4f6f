"""The recipe: all steps from the files to the input images of a training, in order.

A recipe is read from and written to JSON; ``msiss import --recipe`` and the dashboard use the same format.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_serializer, field_validator

from msiss.data.prepare import PrepareConfig
from msiss.data.small import read_small
from msiss.errors import DataError, SettingError, reason

LONGEST_SHOWN = 80  # characters of a value in the summary of a recipe
EACH_KIND = "all"  # stands for every kind of spectra, each as a data set of its own
LONGEST_FILE_NAME = 300  # characters; more than any file system allows
Side = Annotated[float, Field(gt=0, le=1e5)]  # of a pixel in micrometres


class ListedIon(BaseModel):
    """One row of an m/z list."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    mz: float = Field(gt=0)
    name: str = ""
    formula: str = ""
    adduct: str = ""
    class_: str = Field("", alias="class")
    mobility: tuple[float, float] | None = Field(
        None, description="Lowest and highest ion mobility, in the unit of the file, if it is measured."
    )


class PictureMz(BaseModel):
    """The m/z of one picture, where its name is misread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(min_length=1, max_length=LONGEST_FILE_NAME)
    mz: float = Field(gt=0)


Axes = Literal[
    "",
    "mz rows columns",
    "mz columns rows",
    "rows columns mz",
    "columns rows mz",
    "rows mz columns",
    "columns mz rows",
]


class ReadConfig(BaseModel):
    """Which ion images are made from the spectra of an imzML file, and how what a file leaves open is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    peaks: Literal["data", "list", "both"] = Field(
        "data", title="Ions from", description="Peaks picked from the data, the m/z of a list, or both together."
    )
    mz_list: tuple[ListedIon, ...] = Field((), title="m/z list", description="The m/z to take, in Th.")
    ppm: float = Field(
        10.0,
        gt=0,
        le=1e5,
        title="Tolerance (ppm)",
        description="Half width of the m/z window of an ion. 3 to 10 ppm suit Orbitrap and FT-ICR, 50 and more a "
        "time-of-flight instrument.",
    )
    number: int = Field(
        500,
        ge=1,
        le=100_000,
        title="Number of ions",
        description="How many peaks are picked from the data at most; the most structured and most intense are kept.",
    )
    noise: float = Field(
        3.0,
        ge=0,
        le=100,
        title="Signal to noise",
        description="A peak of the mean profile spectrum must rise this many times above the noise.",
    )
    prominence: float = Field(
        0.1,
        ge=0,
        le=1,
        title="Prominence",
        description="A peak of the mean profile spectrum must stand out from the valleys beside it by this share of "
        "its height.",
    )
    plane: Annotated[int | None, BeforeValidator(lambda plane: None if plane == "" else plane)] = Field(
        None,
        title="Plane (z)",
        description="Which plane of a three-dimensional file; needed where pixels lie on several.",
    )
    spectra: str = Field(
        "",
        max_length=100,
        title="Spectra",
        description="Which spectra of a file that holds several kinds, such as positive MS1; kinds are never mixed. "
        "If empty, those of the lowest MS level, and of these the most frequent; if all, a data set of each kind.",
    )
    per_pixel: Literal["mean", "sum", "last"] = Field(
        "mean", title="Several spectra of a pixel", description="What becomes of several spectra of one kind."
    )
    spectrum_type: Literal["data", "centroid", "profile"] = Field(
        "data",
        title="Type of the spectra",
        description="Whether the spectra are centroids or profiles; the data decide, unless it is set.",
    )
    axes: Axes = Field(
        "", title="Order of the axes", description="Of an array or a TIFF that does not say it; from the outermost."
    )
    picture_mz: tuple[PictureMz, ...] = Field(
        (),
        max_length=100_000,
        title="m/z of the pictures",
        description="Instead of what is read in the names of the files.",
    )
    other_uuid: bool = Field(
        False,
        title="Use the pair although its UUIDs differ",
        description="The .ibd file does not carry the UUID of the header, but belongs to it all the same.",
    )

    @field_validator("spectra")
    @classmethod
    def _kind(cls, name: str) -> str:
        name = " ".join(name.split())
        return EACH_KIND if name.lower() == EACH_KIND else name


AS_READ = ReadConfig()  # the settings where nothing was chosen


class MeasurementConfig(BaseModel):
    """Properties of the measurement that the files lack or have wrong; those that are None are as in the files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pixel_size: tuple[Side, Side] | None = Field(
        None, title="Pixel size (µm)", description="Height and width of a pixel in micrometres."
    )
    polarity: Literal["positive", "negative", "mixed"] | None = Field(
        None, title="Polarity", description="Polarity of the measurement."
    )

    def given(self) -> dict[str, Any]:
        """Return the properties that are set, by their names in a data set."""
        return self.model_dump(exclude_none=True)


class IonsConfig(BaseModel):
    """Which ions are kept; the preview shows for each other ion why it is removed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_share: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Least share of pixels",
        description="An ion must be found in at least this share of the measured pixels.",
    )
    least_structure: float = Field(
        -1.0,
        ge=-1,
        le=1,
        title="Least spatial structure (Moran's I)",
        description="About 0 for an image of pure noise, towards 1 for smooth anatomy; -1 keeps all.",
    )
    merge_duplicates: bool = Field(
        False,
        title="Merge near-duplicates",
        description="Ions closer than the peak width whose images are nearly the same become one: the more intense.",
    )
    isotopes: Literal["keep", "drop"] = Field(
        "keep",
        title="13C isotopes",
        description="Drop ions that look like the 13C isotope of another one, in mass, intensity and image.",
    )


class Shape(BaseModel):
    """A polygon drawn on the section."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    role: Literal["keep", "cut", "region"] = Field(
        description="keep: only pixels inside such polygons stay; cut: pixels inside go; region: gives pixels a name."
    )
    points: tuple[tuple[float, float], ...] = Field(
        min_length=3,
        max_length=10_000,
        description="Corners as (row, column) in pixels of the data set; (0, 0) is a pixel's centre.",
    )


class MaskConfig(BaseModel):
    """Which pixels are tissue, and the names of its regions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_tic: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Least total ion count",
        description="Pixels with less than this share of the 99% quantile of the total ion count are off the tissue.",
    )
    shapes: tuple[Shape, ...] = Field(
        (), max_length=1000, title="Polygons", description="Drawn on the total ion image."
    )
    loaded: str = Field(
        "", title="Loaded mask", description="A picture of the section, not 0 on the tissue, as PNG in base64."
    )
    regions: tuple[str, ...] = Field((), title="Regions", description="Only these regions stay; all where empty.")


class Recipe(BaseModel):
    """All steps from the files to prepared images, in their order.

    The ions are read, what the files do not say is added, ions and pixels are selected, and intensities are prepared.
    A setting of the intensities is written if it was set, even to its default: settings that a recipe leaves out are
    taken from the preset of a training, and presets differ.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    read: ReadConfig = Field(default_factory=ReadConfig, title="Read")
    measurement: MeasurementConfig = Field(default_factory=MeasurementConfig, title="Measurement")
    ions: IonsConfig = Field(default_factory=IonsConfig, title="Choose ions")
    mask: MaskConfig = Field(default_factory=MaskConfig, title="Choose pixels")
    prepare: PrepareConfig = Field(default_factory=PrepareConfig, title="Prepare intensities")

    def __repr__(self) -> str:
        return f"Recipe({'; '.join(f'{title}: {value}' for title, value in self._settings()) or 'as the files are'})"

    def _repr_html_(self) -> str:
        from msiss.show.markup import paragraph, table

        settings = self._settings()
        return table(settings) if settings else paragraph("A recipe that changes nothing.")

    def _settings(self) -> list[tuple[str, str]]:
        """Return titles and values of all settings; of long lists only the length."""
        settings = []
        for group, values in self.said().items():
            part = getattr(self, group)
            for name in (field for field, info in type(part).model_fields.items() if (info.alias or field) in values):
                value, title = getattr(part, name), type(part).model_fields[name].title or name
                long = isinstance(value, tuple) and value and isinstance(value[0], BaseModel)
                shown = f"{len(value):,}" if long else str(value)
                settings.append((title, shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]} …"))
        return settings

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Recipe":
        """Read a recipe from a JSON file.

        Raises
        ------
        SettingError
            If the file cannot be read or is not a recipe; the message names the setting.
        """
        path = Path(path)
        try:
            return cls.model_validate_json(read_small(path).decode("utf-8-sig"))
        except OSError as error:
            raise SettingError(f"The recipe {path.name} cannot be read: {reason(error)}.") from error
        except (UnicodeDecodeError, DataError) as error:
            raise SettingError(f"The recipe {path.name} cannot be read: {error}.") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = " → ".join(map(str, first["loc"])) or "the file"
            raise SettingError(f"{path.name} is not a recipe of msiss: {where}: {first['msg']}.") from error

    def with_settings(self, group: Literal["read", "measurement"], changes: Mapping[str, Any]) -> "Recipe":
        """Return a copy in which settings of one group are replaced.

        Raises
        ------
        SettingError
            If a value is out of its range or of another type; the message names the setting.
        """
        before = getattr(self, group)
        try:
            after = type(before).model_validate(dict(before) | dict(changes))
        except ValidationError as error:
            first = error.errors()[0]
            title = type(before).model_fields[str(first["loc"][0])].title
            raise SettingError(f"{title}: {first['msg']}; it is {first['input']}.") from error
        return self.model_copy(update={group: after})

    def said(self) -> dict[str, Any]:
        """Return the settings as plain data for JSON, without the steps that change nothing."""
        said = self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"prepare"})
        prepare = self._prepare_as_set(self.prepare)
        return said | ({"prepare": prepare} if prepare else {})

    def to_json(self) -> str:
        """Return `said` as text."""
        return json.dumps(self.said(), indent=1, ensure_ascii=False)

    @field_serializer("prepare")
    def _prepare_as_set(self, prepare: PrepareConfig) -> dict[str, Any]:
        return prepare.model_dump(mode="json", exclude_unset=True)


def recorded_preparation(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings for the intensities in the recipe of a data set, as settings of a run by dotted name."""
    return {f"prepare.{name}": value for name, value in recipe.get("prepare", {}).items()}
