"""Which faults would the tests notice? The section "Mutation" of `benchmarks/RESULTS.md`.

    .venv/bin/python benchmarks/mutation.py msiss/analyse msiss/learn msiss/runs \\
        --number 4 --seed 1 --without engine

makes small faults in a copy of the code, one at a time, and runs the tests of the module in which it is: those of the
same name, wherever they lie under ``tests``. A fault is caught where a test fails or does not end. Faults are drawn at
random, the same ones for the same seed and code; printed are the share that was caught, and where the others are.

Not every fault that stays is a gap in the tests: some change nothing that anybody sees, such as the size of a block.
"""

import argparse
import ast
import contextlib
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "shared")

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
EXTREMES = (("min", "max"), ("minimum", "maximum"), ("argmin", "argmax"), ("any", "all"), ("floor", "ceil"))
OTHER_EXTREME = dict(EXTREMES) | {other: one for one, other in EXTREMES}
# What only says something to people.
TALK = ("print", "warn", "debug", "info", "warning", "error", "exception")
WORDS = ("title", "description", "help", "text", "message", "examples")
GUARDS = ("strict",)  # of zip: what it would notice is another fault


@dataclass(frozen=True)
class Mutant:
    """One fault: bytes `start` to `end` of a module's source are replaced by `text`."""

    line: int
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        """Return the source with the fault."""
        return source[: self.start] + self.text.encode() + source[self.end :]


class Finder(ast.NodeVisitor):
    """Finds all faults that can be made in a module.

    Parameters
    ----------
    source : bytes
        The module, in UTF-8.

    Attributes
    ----------
    mutants : list of Mutant
    """

    def __init__(self, source: bytes) -> None:
        self.mutants: list[Mutant] = []
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.visit(ast.parse(source))

    def visit(self, node: ast.AST) -> None:
        """Note what can be done to a node, and go on to the nodes in it that are neither types nor texts."""
        if isinstance(node, ast.JoinedStr | ast.Raise | ast.Assert) or _is_left_alone(node):
            return
        for changed in _changes(node):
            self._add(node, changed)
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "bases", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self.visit(child)

    def _add(self, node: ast.AST, changed: ast.AST) -> None:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        text = ast.unparse(changed)
        if isinstance(node, ast.expr) and not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call):
            text = f"({text})"
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        self.mutants.append(Mutant(node.lineno, start, end, text))


def _is_left_alone(node: ast.AST) -> bool:
    """Return whether a node only says something to people or tools."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return isinstance(target, ast.Name) and target.id in ("__all__", "model_config")
    if isinstance(node, ast.If):
        test = node.test
        return ast.unparse(test) in ("TYPE_CHECKING", "__name__ == '__main__'")
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _name(node.value.func) in TALK
    return isinstance(node, ast.keyword) and node.arg in (*WORDS, *GUARDS)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Go through the faults of one node, without those of what is in it."""
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                changed = copy.deepcopy(node)
                changed.ops[place] = COMPARISONS[type(operator)]()
                yield changed
        case ast.BinOp() if type(node.op) in OPERATORS and not (_is_text(node.left) or _is_text(node.right)):
            yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(2 * value if value else 1.0)
        case ast.Return(value=ast.expr() as returned) if ast.unparse(returned) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Name() if node.id in OTHER_EXTREME and isinstance(node.ctx, ast.Load):
            yield ast.Name(OTHER_EXTREME[node.id])
        case ast.Attribute() if node.attr in OTHER_EXTREME:
            yield ast.Attribute(node.value, OTHER_EXTREME[node.attr])
        case ast.Call():
            for place, keyword in enumerate(node.keywords):
                if keyword.arg not in (None, *WORDS, *GUARDS):
                    shorter = copy.deepcopy(node)
                    del shorter.keywords[place]
                    yield shorter


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def tests_of(module: Path, tests: Path) -> list[Path]:
    """Return the files of tests of a module: those of its name, of a package those of the package's."""
    name = module.parent.name if module.name == "__init__.py" else module.stem
    found = sorted(tests.rglob(f"test_{name}.py"))
    beside = [path for path in found if path.parent.name == module.parent.name]
    return beside or found


def passes(folder: Path, tests: list[Path], limit: float, marks: str) -> bool:
    """Return whether the tests in a copy of the repository pass in so many seconds."""
    python = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", marks, *map(str, tests)],
        cwd=folder,
        env=os.environ | python | {"CI": "true"},  # examples of hypothesis are the same each time
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(limit) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            with contextlib.suppress(ProcessLookupError):  # what it started and left behind
                os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    """Make faults, run tests and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", help="modules or folders of them")
    parser.add_argument("--number", type=int, default=5, help="of faults drawn for each module")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60, help="seconds beyond twice what the tests take otherwise")
    parser.add_argument("--without", nargs="+", default=[], help="names of modules, such as those that start processes")
    parser.add_argument("--marks", default="not e2e", help="which tests, as pytest -m takes it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder).resolve() / "copy"
        shutil.copytree(ROOT, copied, ignore=LEFT_OUT)
        lines = ["| package | modules | faults | caught | share |", "| --- | --- | --- | --- | --- |"]
        for path in options.paths:
            inside = path.resolve().relative_to(ROOT)
            modules = [inside] if inside.suffix else sorted(p.relative_to(ROOT) for p in (ROOT / inside).rglob("*.py"))
            counts = [_try_module(copied, one, options) for one in modules if one.stem not in options.without]
            tried = [count for count in counts if count[0]]
            faults, caught = sum(count[0] for count in tried), sum(count[1] for count in tried)
            lines.append(f"| {inside} | {len(tried)} | {faults} | {caught} | {caught / max(faults, 1):.0%} |")
    print("\n" + "\n".join(lines))


def _try_module(copied: Path, module: Path, options: argparse.Namespace) -> tuple[int, int]:
    """Return how many faults were made in a module and how many were caught, and print the others."""
    path, tests = copied / module, tests_of(module, copied / "tests")
    source = path.read_bytes()
    mutants = sorted(set(Finder(source).mutants), key=lambda one: (one.start, one.text))
    drawn = random.Random(f"{options.seed} {module.name}").sample(mutants, min(options.number, len(mutants)))
    if not drawn:
        return 0, 0
    if not tests:
        print(f"{module}: no file of tests has its name", flush=True)
        return 0, 0
    start = time.monotonic()
    if not passes(copied, tests, 600, options.marks):
        print(f"{module}: its tests fail without any fault", flush=True)
        return 0, 0
    took = time.monotonic() - start
    survivors = []
    for mutant in drawn:
        path.write_bytes(mutant.applied(source))
        if passes(copied, tests, 2 * took + options.limit, options.marks):
            survivors.append(mutant)
    path.write_bytes(source)
    print(f"{module}: {len(drawn) - len(survivors)} of {len(drawn)} caught ({took:.0f} s each)", flush=True)
    for mutant in sorted(survivors, key=lambda one: one.line):
        before = source[mutant.start : mutant.end].decode()
        print(f"    {module}:{mutant.line}")
        print(f"        - {' '.join(before.split())}\n        + {mutant.text}", flush=True)
    return len(drawn), len(drawn) - len(survivors)


if __name__ == "__main__":
    main()
