"""The spectral axis of a stack of images: m/z in mass spectrometry, another quantity in other spectral imaging."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """The spectral axis of a stack of images.

    Attributes
    ----------
    name : str
        Quantity along the axis, such as "m/z".
    unit : str
        Its unit; may be empty.
    decimals : int
        Number of decimals that are shown.
    """

    name: str
    unit: str
    decimals: int = 1

    @property
    def is_mz(self) -> bool:
        """Whether this is an m/z axis, to which ppm, isotopes and adducts apply."""
        return self.name == MZ.name

    @property
    def title(self) -> str:
        """Name and unit, as the title of an axis or a column."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def number(self, value: float) -> str:
        """Return a value without name and unit, as in "760.5851" or "1003.2"."""
        return f"{value:.{self.decimals}f}"

    def numbers(self, values: Iterable[float]) -> list[str]:
        """Return values without name and unit, with as few decimals as tell them apart; two for m/z at least."""
        values = list(values)
        most = len({self.number(value) for value in values})
        for decimals in range(min(2, self.decimals), self.decimals + 1):
            shown = [f"{value:.{decimals}f}" for value in values]
            if len(set(shown)) == most:
                break
        return shown

    def text(self, value: float) -> str:
        """Return a value with name and unit, as in "m/z 760.5851" or "Raman shift 1003.2 cm⁻¹"."""
        unit = "" if self.is_mz or not self.unit else f" {self.unit}"  # "m/z 760.5851 Th" is not used
        return f"{self.name} {self.number(value)}{unit}"


MZ = Axis("m/z", "Th", 4)
RAMAN = Axis("Raman shift", "cm⁻¹")
WAVENUMBER = Axis("wavenumber", "cm⁻¹")
WAVELENGTH = Axis("wavelength", "nm")
NUMBER = Axis("image number", "", 0)
AXES = {axis.name: axis for axis in (MZ, RAMAN, WAVENUMBER, WAVELENGTH, NUMBER)}
