"""The command that compares two regions of a section."""

import argparse

from msiss.cli.add import Add
from msiss.data.pasted import pasted
from msiss.words import count

SHOWN = 10  # ions that are printed


def regions(options: argparse.Namespace) -> None:
    """Tell which ions are high in one region of the section against another."""
    from msiss.data.cells import to_csv
    from msiss.data.ion_images import IonImages
    from msiss.data.stored import META
    from msiss.runs.grouping import grouping
    from msiss.runs.store import Run
    from msiss.share.files import write
    from msiss.share.regions import compare, regions_of, regions_table

    clusters, folder = None, options.source
    if (folder / META).is_file():
        images = IonImages.load(folder)
    else:
        run = Run(folder)
        clusters, folder, images = grouping(run).labels, run.request.dataset, run.images()
    found = compare(
        images, regions_of(images, folder, options.mask), options.region, options.against, by_tic=options.tic
    )
    table = regions_table(images, found, clusters)
    print(f"{count(found.pixels_a, 'pixel')} of region A against {found.pixels_b:,} of region B.")
    print(table.head(SHOWN).to_string(index=False, float_format="{:.4g}".format))
    if options.out:
        write(options.out, to_csv(table).encode())
        print(f"Wrote {count(len(table), 'ion')} to {options.out}.")


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    one = add("regions", regions)
    one.add_argument("source", type=pasted, metavar="RUN_OR_DATASET")
    one.add_argument(
        "--mask",
        type=pasted,
        metavar="FILE",
        help="regions: a picture or .npy array of labels, AnnData, or GeoJSON in pixels of the section (default: those "
        "that are kept with the data set)",
    )
    one.add_argument("--region", metavar="NAME", help="region A (default: the only one)")
    one.add_argument("--against", metavar="NAME", help="region B (default: the rest of the section)")
    one.add_argument("--tic", action="store_true", help="divide each pixel's intensities by its total ion count first")
    one.add_argument("--out", type=pasted, metavar="CSV", help="also write the table of all ions")
