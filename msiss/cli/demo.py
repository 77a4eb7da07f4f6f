"""The command that writes simulated data."""

import argparse

from msiss.cli.add import Add
from msiss.data.pasted import pasted


def demo(options: argparse.Namespace) -> None:
    """Write a simulated tissue section with known classes, or with --pixels a large file to test a machine."""
    if options.pixels:
        from msiss.phantom.large import write_large

        more = {"pixels": options.pixels, "peaks": options.peaks, "mode": options.mode, "seed": options.seed}
        print(f"Wrote {write_large(options.folder / 'large.imzML', **more)} and large.ibd.")
        return
    from msiss.phantom.section import write_phantom

    path = write_phantom(options.folder, seed=options.seed)
    print(f"Wrote {path}, {path.with_suffix('.ibd').name} and truth.csv.")


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    one = add("demo", demo)
    one.add_argument("folder", type=pasted, metavar="DIR")
    one.add_argument("--seed", type=int, default=0, help="seed of the simulation")
    one.add_argument("--pixels", type=int, help="write a large file with at least this many pixels instead")
    one.add_argument("--peaks", type=int, default=1000, help="peaks per spectrum of the large file (default: 1000)")
    one.add_argument("--mode", choices=["processed", "continuous"], default="processed")
