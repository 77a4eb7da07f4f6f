"""Time and memory that files take which are made to do harm.

    python benchmarks/hostile.py [--limit 120] [--only NAME ...]

Writes each file into a temporary folder and reads it in a process of its own by `msiss.data.formats.read`, without the
limits of the child process that the dashboard and the command line use: what is measured is what the readers themselves
do. Prints a Markdown table: bytes of the file, seconds, the most memory in MB that the process took beyond what it had
after its imports, and what came of it. A process that takes longer than the limit, or more than 4 GB, is stopped. To
compare with another version, put that first on PYTHONPATH. Needs Linux.
"""

import argparse
import io
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tifffile
from PIL import Image

MOST = 4 * 10**9  # bytes of addresses of a process beside its libraries
SECRET = b"a line of the server"
_READ = """
import resource, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import h5py, pandas, tifffile, scipy.sparse, PIL.PngImagePlugin, msiss.data.formats.imzml.reader
from msiss.data.formats import read
from msiss.errors import MsissError
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    images = read(Path(sys.argv[1]))
    text = "read: " + ", ".join(images.names[:3])
except MsissError as error:
    text = "refused: " + str(error)
except Exception as error:
    text = f"{type(error).__name__}: {error}"
took, most = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(took, (most - before) / 1e3, text[:1000].replace("\\n", " "), sep="\\t")
"""


def npz_of_zeros(folder: Path) -> Path:
    """Arrays of zeros, each small by itself."""
    parts = {"images": (25, 1000, 1000), "mask": (2 * 10**7,), "labels": (2 * 10**7,), "mz": (2 * 10**7,)}
    zeros: dict[str, Any] = {name: np.zeros(shape) for name, shape in parts.items()}
    np.savez_compressed(folder / "a.npz", **zeros)
    return folder / "a.npz"


def npz_of_long_names(folder: Path) -> Path:
    """A name of 200 million letters."""
    np.savez_compressed(folder / "a.npz", images=np.ones((1, 3, 3)), names=np.zeros(1, "U200000000"))
    return folder / "a.npz"


def _object_array(folder: Path, content: bytes, shape: tuple[int, ...]) -> Path:
    with (folder / "a.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": shape})
        file.write(content)
    return folder / "a.npy"


def npy_of_addresses(folder: Path) -> Path:
    """A pickle in which bytes are taken for the addresses of objects."""

    def text(value: bytes) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value

    def dtype(code: bytes, order: bytes, fields: bytes, size: bytes, flags: bytes) -> bytes:
        state = b"(K\x03" + text(order) + b"N" + fields + size + b"K" + flags + b"tb"
        return b"cnumpy\ndtype\n(" + text(code) + b"\x89\x88tR" + state

    unknown = b"J\xff\xff\xff\xff" * 2
    objects = dtype(b"O8", b"|", b"NN", unknown, b"\x3f")
    record = dtype(b"V8", b"|", text(b"a") + b"\x85}" + text(b"a") + objects + b"K\x00\x86s", b"K\x08K\x01", b"\x00")
    label = b"cnumpy.core.multiarray\nscalar\n" + record + b"C\x08" + b"A" * 8 + b"\x86R"
    empty = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR"
    numbers = dtype(b"u1", b"|", b"NN", unknown, b"\x00")
    picture = empty + b"(K\x01K\x01K\x02\x86" + numbers + b"\x89C\x02\x01\x01tb"
    content = b"\x80\x03" + empty + b"(K\x01K\x01K\x02\x86" + objects + b"\x89](" + picture + label + b"etb."
    return _object_array(folder, content, (1, 2))


def npy_of_one_picture(folder: Path) -> Path:
    """One picture of a million pixels, named 4,000 times."""
    entries = np.empty((4000, 2), dtype=object)
    picture = np.ones((1000, 1000), dtype=np.uint8)
    for place in range(len(entries)):
        entries[place] = picture, 1
    return _object_array(folder, pickle.dumps(entries, protocol=4), entries.shape)


def npy_with_a_claim(folder: Path) -> Path:
    """A header that claims 30 GB."""
    head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (4000, 1000, 1000), }"
    (folder / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head)
    return folder / "a.npy"


def _png(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def zip_of_zeros(folder: Path) -> Path:
    """Pictures with 100 MB of zeros behind their end."""
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{number + 1}.5.png", _png(np.ones((3, 4), np.uint8)) + bytes(10**8))
    return folder / "a.zip"


def zip_of_large_pictures(folder: Path) -> Path:
    """Pictures of 81 million pixels of one colour."""
    picture = _png(np.ones((9000, 9000), np.uint16))
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number + 1}.5.png", picture)
    return folder / "a.zip"


def zip_of_a_long_name(folder: Path) -> Path:
    """A name of 65,000 digits."""
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("9" * 65_000 + ".png", _png(np.ones((3, 4), np.uint8)))
    return folder / "a.zip"


def _envi(folder: Path, more: str) -> Path:
    np.ones((3, 3, 4), "f4").tofile(folder / "a.dat")
    fields = "samples = 4\nlines = 3\nbands = 3\ndata type = 4\ninterleave = bsq\nheader offset = 0\nbyte order = 0\n"
    (folder / "a.hdr").write_text(f"ENVI\n{fields}{more}\n", encoding="utf-8")
    return folder / "a.hdr"


def envi_40_kb(folder: Path) -> Path:
    """A line of 40,000 spaces."""
    return _envi(folder, "a" + " " * 40_000 + "b")


def envi_160_kb(folder: Path) -> Path:
    """A line of 160,000 spaces."""
    return _envi(folder, "a" + " " * 160_000 + "b")


def csv_of_columns(folder: Path) -> Path:
    """25,000 columns and 100 pixels."""
    lines = ["x,y," + ",".join(f"{100 + ion / 100:.2f}" for ion in range(25_000))]
    lines += [f"{pixel % 10},{pixel // 10}," + ",".join(["1.5"] * 25_000) for pixel in range(100)]
    (folder / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "a.csv"


def csv_of_one_name(folder: Path) -> Path:
    """19,000 columns of one name."""
    line = ",".join(["a"] * 19_000)
    (folder / "a.csv").write_text(f"x,y,700.1,{line}\n1,1,5,{line}\n1,2,6,{line}\n", encoding="utf-8")
    return folder / "a.csv"


def _h5ad(folder: Path, change: Callable[[h5py.File], None]) -> Path:
    with h5py.File(folder / "a.h5ad", "w") as file:
        for key, columns in (("obs", ("x", "y")), ("var", ("mz",))):
            file.create_group(key).attrs["_index"] = "_index"
            file[key]["_index"] = np.array([b"700.1", b"700.2", b"700.3", b"700.4"])
            for number, column in enumerate(columns):
                file[key][column] = np.arange(4.0) // 2 if number else np.arange(4.0) % 2 + (key == "var")
        file["var/mz"][:] = np.arange(4.0) + 1
        file["X"] = np.ones((4, 4), "f4")
        change(file)
    return folder / "a.h5ad"


def h5ad_of_another_file(folder: Path) -> Path:
    """Names of ions that lie in a file of the server."""
    (folder / "secret").write_bytes(SECRET * 10)

    def change(file: h5py.File) -> None:
        del file["var"]
        fields = np.dtype([("index", f"S{len(SECRET)}"), ("mz", "u1")])
        size = 4 * fields.itemsize
        file.create_dataset("var", (4,), fields, external=[(str(folder / "secret"), 0, size)])

    return _h5ad(folder, change)


def h5ad_of_chunks(folder: Path) -> Path:
    """100 million numbers, each in a chunk of its own."""

    def change(file: h5py.File) -> None:
        del file["X"]
        file.create_dataset("X", (10_000, 10_000), "f4", chunks=(1, 1))
        for key in ("obs", "var"):
            for name in file[key]:
                del file[key][name]
                values = np.arange(10_000) % 100 if name == "x" else np.arange(10_000) // 100 + (name == "mz")
                values = np.arange(10_000.0) + 1 if name == "mz" else values
                file[key].create_dataset(name, data=values, compression="gzip")

    return _h5ad(folder, change)


def h5ad_of_a_long_text(folder: Path) -> Path:
    """A text of 1 MB that is the name of 20,000 pixels."""
    number = 20_000

    def change(file: h5py.File) -> None:
        del file["obs/_index"]
        file.create_dataset("obs/_index", (number,), h5py.string_dtype())
        file["obs/_index"][0] = "x" * 10**6

    path = _h5ad(folder, change)
    with h5py.File(path, "r") as file:
        place = file["obs/_index"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[place : place + 16 * number] = bytes(content[place : place + 16]) * number
    path.write_bytes(content)
    return path


def h5ad_of_deep_groups(folder: Path) -> Path:
    """5,000 groups in one another."""

    def change(file: h5py.File) -> None:
        group = file.create_group("uns")
        for _ in range(5000):
            group = group.create_group("a")

    return _h5ad(folder, change)


def tiff_of_pages(folder: Path) -> Path:
    """200,000 pages without content."""
    content = [b"II" + struct.pack("<HI", 42, 8)]
    tags = [(256, 3, 1, 4), (257, 3, 1, 3), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 12)]
    size = 2 + 12 * len(tags) + 4
    for page in range(200_000):
        following = 8 + size * (page + 1) if page < 199_999 else 0
        entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        content.append(struct.pack("<H", len(tags)) + entries + struct.pack("<I", following))
    (folder / "a.tif").write_bytes(b"".join(content))
    return folder / "a.tif"


def tiff_of_zeros(folder: Path) -> Path:
    """5 pages of 400 million zeros."""
    with tifffile.TiffWriter(folder / "a.tif") as file:
        for _ in range(5):
            file.write(np.zeros((20_000, 20_000), np.uint8), compression="zlib", photometric="minisblack")
    return folder / "a.tif"


def tiff_of_laughs(folder: Path) -> Path:
    """A description whose entities would fill the memory."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))
    description = f'<?xml version="1.0"?><!DOCTYPE OME [{entities}]><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">&a11;</OME>'
    tifffile.imwrite(
        folder / "a.tif", np.ones((2, 3, 4), np.uint8), description=description, metadata=None, photometric="minisblack"
    )
    return folder / "a.tif"


def imzml_of_one_array(folder: Path) -> Path:
    """20,000 spectra that are all the same packed array of a million zeros."""
    from msiss.data.formats.imzml.reader import write_imzml

    path = folder / "a.imzML"
    count = 1_000_000
    write_imzml(path, [(1, 1, np.array([500.0]), np.array([1.0]))])
    packed = [zlib.compress(values.tobytes()) for values in (np.full(count, 500.0), np.ones(count, "f4"))]
    ibd = path.with_suffix(".ibd")
    ibd.write_bytes(ibd.read_bytes()[:16] + packed[0] + packed[1])
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("<spectrum "), text.index("</spectrumList>")
    spectrum = text[begin:end].replace('array length" value="1"', f'array length" value="{count}"')
    places = [16, 16 + len(packed[0])]
    for old in sorted({16, 24}):
        spectrum = spectrum.replace(f'external offset" value="{old}"', f'external offset" value="{places.pop(0)}"')
    spectrum = spectrum.replace('encoded length" value="8"', 'encoded length" value="-1"')
    spectrum = spectrum.replace('encoded length" value="4"', 'encoded length" value="-1"')
    many = "".join(
        spectrum.replace('position x" value="1"', f'position x" value="{number % 200 + 1}"').replace(
            'position y" value="1"', f'position y" value="{number // 200 + 1}"'
        )
        for number in range(20_000)
    )
    text = text.replace("MS:1000576", "MS:1000574").replace("no compression", "zlib compression")
    begin, end = text.index("<spectrum "), text.index("</spectrumList>")
    path.write_text(text[:begin] + many + text[end:], encoding="utf-8")
    return path


def imzml_of_deep_xml(folder: Path) -> Path:
    """5 million elements in one another."""
    from msiss.data.formats.imzml.reader import write_imzml

    path = folder / "a.imzML"
    write_imzml(path, [(1, 1, np.array([500.0]), np.array([1.0])), (2, 1, np.array([500.0]), np.array([1.0]))])
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<fileDescription", "<a>" * 5_000_000 + "<fileDescription", 1), encoding="utf-8")
    return path


FILES: list[Callable[[Path], Path]] = [
    *(npz_of_zeros, npz_of_long_names, npy_of_addresses, npy_of_one_picture, npy_with_a_claim),
    *(zip_of_zeros, zip_of_large_pictures, zip_of_a_long_name, envi_40_kb, envi_160_kb),
    *(csv_of_columns, csv_of_one_name),
    *(h5ad_of_another_file, h5ad_of_chunks, h5ad_of_a_long_text, h5ad_of_deep_groups),
    *(tiff_of_pages, tiff_of_zeros, tiff_of_laughs, imzml_of_one_array, imzml_of_deep_xml),
]


def measure(path: Path, limit: int) -> tuple[str, str, str]:
    """Return seconds, MB and what came of it."""

    def limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST + 4 * 10**9, MOST + 4 * 10**9))

    start = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _READ, str(path)],
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
            preexec_fn=limit_memory,
        )
    except subprocess.TimeoutExpired:
        return f"more than {limit}", "", "stopped"
    if done.returncode:
        took = time.monotonic() - start
        return f"{took:.1f}", "", f"the process ended with {done.returncode}: {done.stderr[-200:].strip()}"
    seconds, most, text = done.stdout.strip().splitlines()[-1].split("\t")
    shown = "shows what is in another file" if SECRET.decode()[:8] in text else text
    return f"{float(seconds):.1f}", f"{float(most):,.0f}", shown


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=120, help="seconds for each file")
    parser.add_argument("--only", nargs="+", help="names of files")
    options = parser.parse_args()
    print("| file | bytes | seconds | MB | what came of it |\n| --- | --- | --- | --- | --- |")
    for write in FILES:
        if options.only and write.__name__ not in options.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder))
            size = sum(file.stat().st_size for file in Path(folder).iterdir() if file.name != "secret")
            seconds, most, text = measure(path, options.limit)
        name = f"{write.__name__.replace('_', ' ')}: {(write.__doc__ or '').strip()}"
        print(f"| {name} | {size:,} | {seconds} | {most} | {text[:160]} |", flush=True)


if __name__ == "__main__":
    main()
