"""Mutation testing of the core: change one thing at a time, and see whether a test notices.

`python -m checks.mutation [MODULE ...]`, all of `stream/core` by default. Cosmic Ray says what can be changed. Each
mutant is tested in a fork of this process, which has everything but the core in memory, on a copy of the tree: a
process and an edited file a mutant would cost several times as much, and could be left behind.

Of the fast tests of the core those run that call the module's functions, the quickest first, with few examples.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

from checks.mutants import Mutant, mutants, source_of

ROOT = Path(__file__).parents[1]
COPIED = (
    "schemas", "stream", "tests/core", "tests/oracle", "tests/acceptance", "tests/__init__.py", "tests/e2e/__init__.py",
    "tests/e2e/agreement.py",
)  # fmt: skip
NOT_RUN = ("test_compiled.py",)
GREEN = (0, 5)
"""What pytest says when all passes, and when there is no test (a module without a doctest)."""
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
    """Run test files in a fork, one by one, with a mutant in the place of its module; its process id.

    It exits with the number of the first file that fails, from 1 on; 0 when none does. `limit`: seconds until it dies.
    `called`: where to write which modules of the core have had functions called.
    """
    child = os.fork()
    if child:
        return child
    signal.alarm(limit)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    code = len(tests)
    try:
        import pytest  # noqa: PLC0415 - in memory already

        files: set[str] = set()
        if called is not None:
            sys.setprofile(
                lambda frame, what, _: files.add(frame.f_code.co_filename)
                if what == "call" and frame.f_code.co_name != "<module>" else None
            )  # fmt: skip
        if mutant is not None:
            code = 1
            put(mutant)
        code = next((n for n, file in enumerate(tests, 1) if pytest.main([file]) not in GREEN), 0)
        sys.setprofile(None)
        if called is not None:
            core = Path("stream/core").absolute()
            paths = [Path(file) for file in files if file.startswith(f"{core}/")]
            names = {".".join(path.relative_to(core).with_suffix("").parts) for path in paths}
            called.write_text("\n".join(sorted(names)))
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
    parent, _, own = name.rpartition(".")
    setattr(sys.modules[parent], own, module)


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
    """Mutant -> killed, survived or timeout, as each comes to its end; of all mutants each `every`-th.

    What has killed one of a module goes first against its next one.
    """
    files = tests_by_module(jobs)
    everything = sorted({file for known in files.values() for file in known})
    order = {module: [str(source_of(module)), *files.get(module, everything)] for module in wanted}
    running: dict[int, tuple[Mutant, list[str]]] = {}
    results = []
    chosen = [mutant for module in wanted for mutant in mutants(module)][::every]
    for mutant in [*chosen, *[None] * jobs]:
        if running and (mutant is None or len(running) >= jobs):
            child, status = os.wait()
            ended, tests = running.pop(child)
            outcome = "timeout" if os.WIFSIGNALED(status) else "killed" if status else "survived"
            results.append((ended, outcome))
            if outcome == "survived":
                path = source_of(ended.module)
                print(f"survived {path}:{ended.line} {ended.operator}: {ended.change}", flush=True)
            elif outcome == "killed":
                known = order[ended.module]
                known.insert(0, known.pop(known.index(tests[os.waitstatus_to_exitcode(status) - 1])))
        if mutant is not None:
            tests = [*order[mutant.module]]
            running[forked(tests, mutant, LIMIT)] = mutant, tests
    return results


def report(results: list[tuple[Mutant, str]]) -> None:
    """Killed and survived by module; a mutant that never ends is killed."""
    by_module: dict[str, Counter[str]] = {}
    for mutant, outcome in results:
        by_module.setdefault(mutant.module, Counter())[outcome] += 1
    for name, counts in [*sorted(by_module.items()), ("all", sum(by_module.values(), Counter()))]:
        killed = counts["killed"] + counts["timeout"]
        share = killed / max(1, counts.total())
        print(f"{name:28} killed {killed:5}  survived {counts['survived']:4}  {share:6.1%}")


def main() -> None:
    """Test the mutants of the modules that are named."""
    parser = argparse.ArgumentParser(prog="python -m checks.mutation", description=__doc__)
    parser.add_argument("module", nargs="*", help="modules or packages of stream/core; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants at once")
    parser.add_argument("--every", type=int, default=1, help="test only each so-many-th mutant: a sample of all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            source, copy = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        (Path(folder) / "pytest.ini").write_text(INI)
        (Path(folder) / "tests/core/conftest.py").write_text(FEW_SEEDS)
        os.chdir(folder)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        sys.path[:] = [folder, *(path for path in sys.path if path not in ("", str(ROOT)))]
        warm()
        core = Path("stream/core")
        paths = [path.relative_to(core).with_suffix("") for path in sorted(core.rglob("*.py"))]
        modules = [".".join(path.parts) for path in paths if path.name != "__init__"]
        wanted = [name for name in modules if not given.module or set(given.module) & {name, name.rpartition(".")[0]}]
        if not wanted:
            parser.error(f"no module or package of stream/core: {' '.join(given.module)}")
        report(test_all(wanted, given.jobs, given.every))


if __name__ == "__main__":
    main()
