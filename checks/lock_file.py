"""requirements.lock holds every dependency of pyproject.toml, each with hashes, and no address of a registry.

With `--write` it is made anew, keeping the versions that still fit; with `--upgrade` the newest are taken.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
OPTIONS = (
    "--all-extras", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
    "--no-emit-find-links", "--no-header", "--quiet",
)  # fmt: skip


def faults(project: str, lock: str) -> list[str]:
    """What is wrong, a line each, without asking a registry."""
    found = [
        f"an address: {line.strip()}" for line in lock.splitlines() if re.search(r"https?://|--(extra-)?index", line)
    ]
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", lock, re.MULTILINE))
    versions = {canonicalize_name(name): version for name, version in pins.items()}
    blocks = re.split(r"\n(?=\S)", lock.strip())
    found += [f"no hash: {block.splitlines()[0]}" for block in blocks if "--hash=sha256:" not in block]
    told = tomllib.loads(project)["project"]
    for line in [*told["dependencies"], *(each for extra in told["optional-dependencies"].values() for each in extra)]:
        wanted = Requirement(line)
        version = versions.get(canonicalize_name(wanted.name))
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            found.append(f"pyproject.toml wants {line}, locked is {version}: run `make lock-write`")
    return found


def write(*options: str) -> None:
    """Resolve and write the lock."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "requirements.lock"
        if LOCK.exists():
            made.write_text(LOCK.read_text())
        command = ["uv", "pip", "compile", "pyproject.toml", *OPTIONS, *options, "--output-file", str(made)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        LOCK.write_text(made.read_text())


def main(arguments: list[str]) -> int:
    """Check, or write first. 1 with faults."""
    if arguments:
        write(*(option for option in arguments if option != "--write"))
    found = faults((ROOT / "pyproject.toml").read_text(), LOCK.read_text())
    for fault in found:
        print(f"requirements.lock: {fault}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
