"""The tables in `benchmarks/RESULTS.md` that a command writes itself."""

from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def write(name: str, text: str) -> None:
    """Put a text in place of what stands between the marks of this name."""
    begin, end = (f"<!-- {name}: {mark} -->" for mark in ("begin", "end"))
    before, _, rest = RESULTS.read_text().partition(begin)
    RESULTS.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")
