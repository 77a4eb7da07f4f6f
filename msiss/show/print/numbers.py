"""Numbers beside colour bars."""

import math


def short(value: float) -> str:
    """Return a finite number with about three digits, such as "0.25", "8374" and "1.23e5"."""
    if value < 0:
        return f"−{short(-value)}"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(float(f"{value:.2e}")))
    if -3 <= exponent < 5:
        return f"{value:.{max(0, 2 - exponent)}f}".rstrip("0").rstrip(".") if exponent < 2 else f"{value:.0f}"
    return f"{f'{value / 10.0**exponent:.2f}'.rstrip('0').rstrip('.')}e{exponent}"
