"""Mutation testing of the core: change one thing at a time, and see whether a test notices.

`python -m checks.mutation [MODULE ...]`, all of `stream/core` by default. Cosmic Ray says what can be changed. Each
mutant is tested in a fork of this process, which has everything but the core in memory, on a copy of the tree: a
process and an edited file a mutant would cost several times as much, and could be left behind.

Of the fast tests of the core those run that call the module's functions, the quickest first, with few examples.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("schemas", "stream", "tests/core", "tests/oracle", "tests/__init__.py")
NOT_RUN = ("test_compiled.py",)
LIMIT = 300
"""Seconds after which a mutant counts as one that never ends."""
FEW_SEEDS = """
def pytest_collection_modifyitems(items):
    items[:] = [item for item in items if getattr(item, "callspec", None) is None or few(item.callspec.params)]


def few(params):
    seed = params.get("seed", 0)
    return not isinstance(seed, int) or seed < 4
"""
INI = "[pytest]\npythonpath = .\naddopts = -x -q --import-mode=importlib --doctest-modules -p no:cacheprovider\n"
SAME_KIND = re.compile(
    r"core/(NumberReplacer|AddNot|Replace(True|False|And|Or|Break|Continue)With\w+|ZeroIterationForLoop"
    r"|ExceptionReplacer|RemoveDecorator|ReplaceUnaryOperator_\w+"
    r"|ReplaceComparisonOperator_(Is_IsNot|IsNot_Is|\w+?_(Eq|NotEq|Lt|LtE|Gt|GtE|In|NotIn))"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Div_Mul|Mod_Mul|Pow_Mul|BitOr_BitAnd"
    r"|BitAnd_BitOr|LShift_RShift|RShift_LShift))"
)
"""Operators whose result could pass for code; `a + b` to `a >> b` and its like only make the share look better."""


class Mutant(NamedTuple):
    """One change: of which module, by which operator, on which line, and the source with it."""

    module: str
    operator: str
    line: int
    change: str
    source: str


class Without(ast.NodeTransformer):
    """Drops what changes no behaviour: annotations of functions and of their variables."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function without annotations."""
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            argument.annotation = None
        for inner in ast.walk(node):
            if isinstance(inner, ast.AnnAssign):
                inner.annotation = ast.Constant(None)
        return self.generic_visit(node)


def behaviour(source: str) -> str:
    """What two sources have in common when they do the same by being the same."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(Without().visit(tree))


def mutants(module: str) -> Iterator[Mutant]:
    """All mutants of a module of the core."""
    from cosmic_ray.mutating import mutate_code  # noqa: PLC0415 - a fork that tests does not need it
    from cosmic_ray.plugins import get_operator, operator_names  # noqa: PLC0415

    original = Path(f"stream/core/{module}.py").read_text()
    seen = {behaviour(original)}
    for name in sorted(filter(SAME_KIND.fullmatch, operator_names())):
        operator = get_operator(name)
        occurrence = 0
        while (source := mutate_code(original, operator(), occurrence)) is not None:
            occurrence += 1
            try:
                does = behaviour(source)
            except SyntaxError:
                continue
            if does not in seen:
                seen.add(does)
                line, change = changed(original, source)
                yield Mutant(module, name.removeprefix("core/"), line, change, source)


def changed(original: str, source: str) -> tuple[int, str]:
    """The number of the first line that differs, and how the lines read now."""
    before, after = original.splitlines(), source.splitlines()
    line = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    told = [text[1:].strip() for text in difflib.ndiff(before, after) if text[0] == "+"]
    return line + 1, " ".join(told)


def warm() -> None:
    """Import all that no mutant changes; few examples, and no search for the smallest one that fails."""
    from hypothesis import Phase, settings  # noqa: PLC0415 - after the copy is the current folder

    settings.register_profile(
        "mutation", max_examples=15, derandomize=True, database=None, deadline=None,
        phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip
    settings.load_profile("mutation")
    for name in ("pytest", "hypothesis.stateful", "msgspec", "schemas.codec", "schemas.topics", "tests.oracle.rows",
                 "tests.oracle.histories"):  # fmt: skip
        importlib.import_module(name)
    loaded = [name for name in sys.modules if name.startswith("stream.core.")]
    assert not loaded, f"must be imported anew for each mutant: {loaded}"


def forked(tests: list[str], mutant: Mutant | None, limit: int, called: Path | None = None) -> int:
    """Run tests in a fork, with a mutant in the place of its module; its process id.

    `limit`: seconds until it dies. `called`: where to write which modules of the core have had functions called.
    """
    child = os.fork()
    if child:
        return child
    signal.alarm(limit)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    code = 1
    try:
        import pytest  # noqa: PLC0415 - in memory already

        files: set[str] = set()
        if called is not None:
            sys.setprofile(
                lambda frame, what, _: files.add(frame.f_code.co_filename)
                if what == "call" and frame.f_code.co_name != "<module>" else None
            )  # fmt: skip
        if mutant is not None:
            put(mutant)
        code = int(pytest.main(tests))
        sys.setprofile(None)
        if called is not None:
            called.write_text("\n".join(sorted(Path(file).stem for file in files if "/stream/core/" in file)))
    finally:
        os._exit(code)


def put(mutant: Mutant) -> None:
    """Let the mutant be its module."""
    name = f"stream.core.{mutant.module}"
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(mutant.source, spec.origin, "exec"), module.__dict__)  # noqa: S102 - this is what mutants are for
    setattr(sys.modules["stream.core"], mutant.module, module)


def tests_by_module(jobs: int) -> dict[str, list[str]]:
    """Module -> the test files that call its functions, the quickest first. Raises SystemExit when a test fails."""
    files = [path for path in sorted(Path("tests/core").glob("test_*.py")) if path.name not in NOT_RUN]
    running: dict[int, Path] = {}
    took: dict[Path, float] = {}
    for file in [*files, *[None] * jobs]:
        if running and (file is None or len(running) >= jobs):
            child, status, used = os.wait4(-1, 0)
            ended = running.pop(child)
            if status:
                raise SystemExit(f"{ended} fails without any mutant")
            took[ended] = used.ru_utime
        if file is not None:
            running[forked([str(file)], None, 900, file.with_suffix(".called"))] = file
    found: dict[str, list[str]] = {}
    for file in sorted(took, key=lambda file: took[file]):
        for module in file.with_suffix(".called").read_text().split():
            found.setdefault(module, []).append(str(file))
    return found


def test_all(wanted: list[str], jobs: int, every: int) -> list[tuple[Mutant, str]]:
    """Mutant -> killed, survived or timeout, as each comes to its end; of all mutants each `every`-th."""
    files = tests_by_module(jobs)
    everything = sorted({file for known in files.values() for file in known})
    running: dict[int, Mutant] = {}
    results = []
    chosen = [mutant for module in wanted for mutant in mutants(module)][::every]
    for mutant in [*chosen, *[None] * jobs]:
        if running and (mutant is None or len(running) >= jobs):
            child, status = os.wait()
            ended = running.pop(child)
            outcome = "timeout" if os.WIFSIGNALED(status) else "killed" if status else "survived"
            results.append((ended, outcome))
            if outcome == "survived":
                print(f"survived {ended.module}.py:{ended.line} {ended.operator}: {ended.change}", flush=True)
        if mutant is not None:
            tests = [f"stream/core/{mutant.module}.py", *files.get(mutant.module, everything)]
            running[forked(tests, mutant, LIMIT)] = mutant
    return results


def report(results: list[tuple[Mutant, str]]) -> None:
    """Killed and survived by module; a mutant that never ends is killed."""
    by_module: dict[str, Counter[str]] = {}
    for mutant, outcome in results:
        by_module.setdefault(mutant.module, Counter())[outcome] += 1
    for name, counts in [*sorted(by_module.items()), ("all", sum(by_module.values(), Counter()))]:
        killed = counts["killed"] + counts["timeout"]
        share = killed / max(1, counts.total())
        print(f"{name:16} killed {killed:5}  survived {counts['survived']:4}  {share:6.1%}")


def main() -> None:
    """Test the mutants of the modules that are named."""
    parser = argparse.ArgumentParser(prog="python -m checks.mutation", description=__doc__)
    parser.add_argument("module", nargs="*", help="modules of stream/core; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants at once")
    parser.add_argument("--every", type=int, default=1, help="test only each so-many-th mutant: a sample of all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            source, copy = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
        (Path(folder) / "pytest.ini").write_text(INI)
        (Path(folder) / "tests/core/conftest.py").write_text(FEW_SEEDS)
        os.chdir(folder)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.path[:] = [folder, *(path for path in sys.path if path not in ("", str(ROOT)))]
        warm()
        all_modules = sorted(path.stem for path in Path("stream/core").glob("*.py") if path.stem != "__init__")
        report(test_all(given.module or all_modules, given.jobs, given.every))


if __name__ == "__main__":
    main()
