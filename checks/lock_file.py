"""The lock files hold every dependency of pyproject.toml, each with hashes, and no address of a registry.

`requirements.lock` is for people and CI, with all extras; `deploy/requirements.lock` is for the image, without any, and
`deploy/build.lock` is what the image's wheel and core are built with: in the same versions.
`bench/requirements-quix.lock` is an environment of its own, which only the bench has. With `--write` all are made
anew, keeping versions that still fit; with `--upgrade` the newest.
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
IMAGE_LOCK, BUILD_LOCK = ROOT / "deploy" / "requirements.lock", ROOT / "deploy" / "build.lock"
QUIX_LOCK = ROOT / "bench" / "requirements-quix.lock"
OPTIONS = (
     "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
    "--no-emit-find-links", "--no-header", "--quiet",
)  # fmt: skip


def faults(wanted: list[str], lock: str) -> list[str]:
    """What is wrong, a line each, without asking a registry. `wanted`: requirements as in pyproject.toml."""
    found = [
        f"an address: {line.strip()}" for line in lock.splitlines() if re.search(r"https?://|--(extra-)?index", line)
    ]
    blocks = re.split(r"\n(?=\S)", lock.strip())
    found += [f"no hash: {block.splitlines()[0]}" for block in blocks if "--hash=sha256:" not in block]
    versions = pins(lock)
    for requirement in map(Requirement, wanted):
        version = versions.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            found.append(f"pyproject.toml wants {requirement}, locked is {version}: run `make lock-write`")
    return found


def pins(lock: str) -> dict[str, str]:
    """Version by name."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", lock, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def write(lock: Path, *options: str, of: str = "pyproject.toml", wanted: str | None = None) -> None:
    """Resolve and write a lock, of a file or (`of` "-") of the requirements `wanted`."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "requirements.lock"
        if lock.exists():
            made.write_text(lock.read_text())
        command = ["uv", "pip", "compile", of, *OPTIONS, *options, "--output-file", str(made)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, input=wanted, text=True)
        lock.write_text(made.read_text())


def main(arguments: list[str]) -> int:
    """Check, or write first. 1 with faults."""
    made = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, quix = made["project"], made["dependency-groups"]["quix"]
    build = [*made["build-system"]["requires"], *made["dependency-groups"]["core"]]
    if arguments:
        upgrade = [option for option in arguments if option != "--write"]
        write(LOCK, "--all-extras", *upgrade)
        write(IMAGE_LOCK, "--constraint", str(LOCK), "--no-annotate")
        write(BUILD_LOCK, "--constraint", str(LOCK), "--no-annotate", of="-", wanted="\n".join(build))
        write(QUIX_LOCK, *upgrade, "--no-annotate", of="-", wanted="\n".join(quix))
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    everything, image = LOCK.read_text(), IMAGE_LOCK.read_text()
    found = [f"requirements.lock: {fault}" for fault in faults([*project["dependencies"], *extras], everything)]
    found += [f"deploy/requirements.lock: {fault}" for fault in faults(project["dependencies"], image)]
    found += [f"deploy/build.lock: {fault}" for fault in faults(build, BUILD_LOCK.read_text())]
    found += [f"bench/requirements-quix.lock: {fault}" for fault in faults(quix, QUIX_LOCK.read_text())]
    for lock in (IMAGE_LOCK, BUILD_LOCK):
        others = [name for name, version in pins(lock.read_text()).items() if pins(everything).get(name) != version]
        found += [f"deploy/{lock.name}: {name} is of another version than in requirements.lock" for name in others]
    for fault in found:
        print(fault)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
