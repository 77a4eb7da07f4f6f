"""What tells the images of a stack apart: m/z in mass spectrometry, a spectral position in other imaging."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """The spectral axis of a stack of images.

    Attributes
    ----------
    name : str
        What is measured along the axis, such as "m/z".
    unit : str
        Its unit; may be empty.
    decimals : int
        How many digits after the point are shown.
    """

    name: str
    unit: str
    decimals: int = 1

    @property
    def is_mz(self) -> bool:
        """Whether this is a mass-to-charge axis, to which ppm, isotopes and adducts apply."""
        return self.name == MZ.name

    @property
    def title(self) -> str:
        """Name and unit, as they stand at an axis or over a column."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def number(self, value: float) -> str:
        """Return a value alone, as in "760.5851" or "1003.2"."""
        return f"{value:.{self.decimals}f}"

    def text(self, value: float) -> str:
        """Return a value as it is said, as in "m/z 760.5851" or "Raman shift 1003.2 cm⁻¹"."""
        unit = "" if self.is_mz or not self.unit else f" {self.unit}"  # nobody says "m/z 760.5851 Th"
        return f"{self.name} {self.number(value)}{unit}"


MZ = Axis("m/z", "Th", 4)
RAMAN = Axis("Raman shift", "cm⁻¹")
WAVENUMBER = Axis("wavenumber", "cm⁻¹")
WAVELENGTH = Axis("wavelength", "nm")
NUMBER = Axis("image number", "", 0)
AXES = {axis.name: axis for axis in (MZ, RAMAN, WAVENUMBER, WAVELENGTH, NUMBER)}
