"""Compile the core, and what reads records for it, with mypyc: the same sources, as extension modules beside copies.

`python deploy/compile_core.py FOLDER` copies schemas/, stream/ and agents/ into FOLDER and compiles there; whoever has
FOLDER first on the path runs the compiled core. Needs a C compiler, mypy and setuptools. What cannot be compiled
(msgspec's Structs) stays as it is; so must what msgspec decodes: a compiled class has lost the types of its fields
(`int | None` is `type`). The sources in the tree itself are never compiled: nothing stale can be imported.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "stream", "agents")
MODULES = (
    "agents.agent", "agents.levels", "agents.state", "agents.stays", "agents.time", "books.cells",
    "books.entities", "books.entry", "books.ledger", "books.room", "books.tally", "customers.contacts",
    "customers.counted", "customers.customer", "customers.friction", "customers.groups", "customers.journey",
    "customers.journeys", "customers.person", "customers.reasons", "customers.single", "customers.surveys",
    "figures.sketch", "interactions.closed",
    "interactions.desks", "interactions.digest", "interactions.enriched", "interactions.fact", "interactions.fold",
    "interactions.interaction", "interactions.known", "interactions.legs", "interactions.life", "interactions.log",
    "interactions.offers", "interactions.order", "interactions.parts", "interactions.segment", "interactions.slots",
    "interactions.sofar", "interactions.stamps", "interactions.thread", "interactions.unidentified",
    "interactions.waiting", "interactions.whole", "stage",
)  # fmt: skip
READERS = ("schemas/codec.py", "agents/guard.py")
_BUILD = """
import sys
from mypyc.build import mypycify
from setuptools import setup

paths = sys.argv[1:]
options = ["--ignore-missing-imports", "--config-file="]
modules = mypycify([*options, *paths], opt_level="3", group_name="stream.core.compiled")
for module in modules:
    # Modules find each other through capsules: no name need be seen from outside. Calls go without a stub.
    module.extra_compile_args += ["-fvisibility=hidden", "-fno-plt"]
setup(name="centralino-core", packages=[], script_args=["-q", "build_ext", "--inplace"], ext_modules=modules)
"""


def fingerprint() -> str:
    """The same for the same sources, interpreter and this script."""
    digest = hashlib.sha256(f"{sys.version}{sys.platform}".encode() + Path(__file__).read_bytes())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def compile_into(folder: Path) -> None:
    """Fill a folder that is not there yet; the compiler's words go to stderr. Raises CalledProcessError."""
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, making / package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    paths = [*(f"stream/core/{module.replace('.', '/')}.py" for module in MODULES), *READERS]
    subprocess.run([sys.executable, "-c", _BUILD, *paths], cwd=making, check=True, stdin=subprocess.DEVNULL, stdout=2)
    shutil.rmtree(making / "build", ignore_errors=True)
    making.rename(folder)


def compiled(cache: Path) -> Path:
    """The folder under `cache` with the compiled core of the sources as they are; made when it is not there."""
    folder = cache / f"compiled-{fingerprint()}"
    cache.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:  # one of those that want it makes it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            compile_into(folder)
    return folder


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]).resolve())
