"""How time and memory grow with the number of ions, for every step from features to screen.

    python benchmarks/growth.py [--ions 100 1000 5000 20000] [--shape 96 96] [--limit 600]

Each step runs in a process of its own, which loads its input, takes the step once with 60 ions, so that nothing is
imported or compiled later, and then takes it with all of them. Features are simulated: 1280 numbers per ion, as the
paper's encoder gives, of 40 classes. Ion images are simulated: 48 x 64 pixels (`--shape`) of a phantom's patterns,
mixed and counted. Prints a Markdown table: seconds on the clock, seconds of the processors, and the most memory in MB
that the step took beyond what the process had before. A step that takes more processor seconds than the limit is
stopped.

Then prints how far the sketches, as which more than 3,000 ions are kept, are from the exact vectors. Needs Linux.
"""

import argparse
import multiprocessing
import resource
import signal
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

FEATURES, FEATURE_CLASSES, SPECIFIC = 1280, 40, 60
SHAPE = (48, 64)  # pixels
CLUSTERS = 20
COMPARED = 3000  # ions whose sketches are compared with their exact vectors
WARM_UP = 60  # ions


def draw_features(number: int, rng: np.random.Generator) -> np.ndarray:
    """Return features (N, 1280): classes that overlap in 60 dimensions, and a little noise in all."""
    centres = rng.normal(size=(FEATURE_CLASSES, SPECIFIC))
    own = centres[rng.integers(FEATURE_CLASSES, size=number)] + rng.normal(size=(number, SPECIFIC))
    spread = own @ rng.normal(size=(SPECIFIC, FEATURES))
    return (spread + 0.5 * rng.normal(size=spread.shape)).astype(np.float32)


def draw_images(number: int, rng: np.random.Generator, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Return ion images (N, H, W): a phantom's patterns, each mixed with a bit of another, 0.2 to 20 counts a pixel."""
    from msiss.phantom.anatomy import class_profiles

    profiles = class_profiles(shape, rng)
    profiles /= profiles.mean(axis=(1, 2), keepdims=True)
    images = np.empty((number, *shape), dtype=np.float32)
    for image in images:
        own, other = profiles[rng.integers(len(profiles), size=2)]
        mix, counts = rng.uniform(0, 1 / 3), np.exp(rng.uniform(np.log(0.2), np.log(20)))
        image[:] = rng.poisson(counts * ((1 - mix) * own + mix * other))
    return images


def knn_graph(features: np.ndarray) -> None:
    """Find ten neighbours of each ion, as spectral clustering does."""
    from sklearn.neighbors import kneighbors_graph

    kneighbors_graph(features, 10, include_self=True)


def spectral(features: np.ndarray) -> None:
    """Cluster, the graph included."""
    from msiss.analyse.clustering import spectral_clusters

    spectral_clusters(features, CLUSTERS)


def factorized(features: np.ndarray) -> None:
    """Do the same as scikit-learn does, for comparison."""
    from msiss.analyse import clustering

    clustering.LARGEST_FACTORIZED = len(features)
    clustering.spectral_clusters(features, CLUSTERS)


def consensus(features: np.ndarray) -> None:
    """Cluster by the consensus of 24 clusterings."""
    from msiss.analyse.consensus import consensus_clusters

    consensus_clusters(features, CLUSTERS)


def lay_out(features: np.ndarray, *, method: str) -> None:
    """Draw a map."""
    from msiss.analyse.projection import project

    project(features, method, seed=0)  # type: ignore[arg-type]


def query(features: np.ndarray) -> None:
    """Ask for the ions most like one ion, as the page Similarity does."""
    from msiss.analyse.similarity import nearest

    nearest(features, 0, 10)


def disagree(features: np.ndarray) -> None:
    """Find the pairs that two measures judge most differently, as the page Similarity does."""
    from msiss.analyse.disagreement import disagreements

    disagreements(features, features[:, ::2])


def neighbour_purity(features: np.ndarray) -> None:
    """Score the ten nearest neighbours."""
    from msiss.analyse.metrics import knn_purity

    knn_purity(features, np.arange(len(features)) % FEATURE_CLASSES)


def pairs(features: np.ndarray) -> None:
    """Score pairs, one for every ten ions."""
    from msiss.analyse.metrics import pair_scores

    ions = np.arange(len(features) // 5)
    pair_scores(features, np.zeros(len(features), dtype=int), ions.reshape(2, -1).T)


def measure(images: np.ndarray, *, representation: str) -> None:
    """Compute a measure without training."""
    from msiss.analyse.measures import vectors

    vectors(representation, images, np.ones(images.shape[1:], dtype=bool))


def whole(images: np.ndarray) -> None:
    """Train, analyse and check by the preset msiss, as a worker does."""
    from msiss.data.ion_images import IonImages
    from msiss.learn.methods import preset_config
    from msiss.runs.jobs import State
    from msiss.runs.store import Run
    from msiss.runs.worker import execute

    mz = np.sort(np.random.default_rng(0).uniform(200, 1200, len(images)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mask = np.ones(images.shape[1:], dtype=bool)
        IonImages(images=images, mz=mz, mask=mask).save(folder / "images")
        config = preset_config("msiss", clusters=CLUSTERS)
        fingerprint = IonImages.load(folder / "images").fingerprint
        run = Run.create(folder / "run", dataset=folder / "images", fingerprint=fingerprint, config=config)
        execute(run.path)
        if run.status.state is not State.DONE:
            raise RuntimeError(run.status.message)


# What each step is called, what it takes, and the input it takes it with.
STEPS: dict[str, tuple[Callable[[np.ndarray], None], str]] = {
    "image vectors": (partial(measure, representation="image-vectors"), "images"),
    "bands": (partial(measure, representation="bands"), "images"),
    "joint": (partial(measure, representation="joint"), "images"),
    "k-NN graph": (knn_graph, "features"),
    "spectral clustering": (spectral, "features"),
    "... factorized (scikit-learn)": (factorized, "features"),
    "consensus clustering": (consensus, "features"),
    "UMAP": (partial(lay_out, method="umap"), "features"),
    "t-SNE": (partial(lay_out, method="tsne"), "features"),
    "similarity query": (query, "features"),
    "disagreements": (disagree, "features"),
    "k-NN purity": (neighbour_purity, "features"),
    "pairs": (pairs, "features"),
    "preset msiss, whole run": (whole, "images"),
}


def run(step: Callable[[np.ndarray], None], path: Path, limit: int, answer: Connection) -> None:
    """Take a step in this process and send what it took: seconds, processor seconds, MB."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    values = np.load(path)
    step(values[:WARM_UP])
    Path("/proc/self/clear_refs").write_text("5")  # the peak of the memory starts anew
    before = memory("VmRSS")
    clock, processors = time.perf_counter(), time.process_time()
    step(values)
    seconds = (time.perf_counter() - clock, time.process_time() - processors)
    answer.send((*seconds, max(0.0, memory("VmHWM") - before)))


def memory(name: str) -> float:
    """Return an entry of this process's status in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1e3


def take(step: Callable[[np.ndarray], None], path: Path, limit: int) -> str:
    """Return the table cell of a step."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=run, args=(step, path, limit, theirs))
    child.start()
    theirs.close()
    try:
        cell = "{:.1f} s, {:.1f} s, {:.0f} MB".format(*ours.recv())
    except EOFError:
        cell = ""
    child.join()
    if child.exitcode == -signal.SIGXCPU:
        return f"stopped after {limit} s"
    return cell or "failed"


def sketch_errors() -> None:
    """Print how far sketched cosines are from exact ones."""
    from msiss.analyse import measures, sketch
    from msiss.analyse.representations import measure_names, title_of
    from msiss.analyse.similarity import cosine_similarity

    images, mask = draw_images(COMPARED, np.random.default_rng(0)), np.ones(SHAPE, dtype=bool)
    print(f"\n| sketches of {COMPARED:,} ions | root mean square error | 99.9 % below | of the ten nearest kept |")
    print("| --- | --- | --- | --- |")
    for representation in measure_names():
        found = []
        for sketch.MOST_EXACT in (COMPARED, 0):
            found.append(cosine_similarity(measures.vectors(representation, images, mask)))
            np.fill_diagonal(found[-1], -2)
        exact, sketched = found
        errors = np.abs(sketched - exact)[~np.eye(COMPARED, dtype=bool)]
        near = [np.argpartition(-cosines, 10, axis=1)[:, :10] for cosines in found]
        kept = np.mean([len(np.intersect1d(*both)) / 10 for both in zip(*near, strict=True)])
        cells = [f"{np.sqrt((errors**2).mean()):.4f}", f"{np.quantile(errors, 0.999):.4f}", f"{kept:.1%}"]
        print(f"| {title_of(representation)} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ions", type=int, nargs="+", default=[100, 1000, 5000, 20000])
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--shape", type=int, nargs=2, default=SHAPE, metavar=("ROWS", "COLUMNS"), help="of ion images")
    parser.add_argument("--limit", type=int, default=600, help="processor seconds per step")
    parser.add_argument("--no-sketches", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number in chosen.ions:
            rng = np.random.default_rng(0)
            np.save(Path(folder) / f"features{number}.npy", draw_features(number, rng))
            np.save(Path(folder) / f"images{number}.npy", draw_images(number, rng, tuple(chosen.shape)))
        print("| step: clock, processors, memory | " + " | ".join(f"{number:,} ions" for number in chosen.ions) + " |")
        print("| --- |" + " --- |" * len(chosen.ions))
        for name in chosen.steps:
            step, input_ = STEPS[name]
            print(f"| {name} |", end="", flush=True)
            for number in chosen.ions:
                print(f" {take(step, Path(folder) / f'{input_}{number}.npy', chosen.limit)} |", end="", flush=True)
            print(flush=True)
    if not chosen.no_sketches:
        sketch_errors()


if __name__ == "__main__":
    main()
