"""AsyncAPI's own parser, which validates documents: fetched once by npm, by the versions of its lock file."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from stream.embedded import cache_folder
from tests.parts.missing import PartMissing, program

FOLDER = Path(__file__).parents[1] / "asyncapi"
FILES = ("package.json", "package-lock.json", "validate.js")


class Validated(NamedTuple):
    """`faults`: place and message of each; `topics`: `address`, `actions` and `messages` of each."""

    faults: list[str]
    topics: list[dict[str, Any]]


def parser() -> Path:
    """The folder that it lies in; raises `PartMissing`."""
    npm = program("npm")
    version = hashlib.sha256(b"\0".join((FOLDER / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = cache_folder() / f"asyncapi-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            for name in FILES:
                shutil.copy(FOLDER / name, folder / name)
            made = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if made.returncode:
                raise PartMissing(f"npm could not fetch AsyncAPI's parser:\n{made.stderr[-2000:]}")
            (folder / ".complete").touch()
    return folder


def validated(*documents: Any) -> list[Validated]:
    """What the parser says of documents; raises `PartMissing`."""
    node = program("node")
    told = subprocess.run(
        [node, "validate.js"], cwd=parser(), input=json.dumps(documents), capture_output=True, text=True, check=True
    )
    return [Validated(**json.loads(line)) for line in told.stdout.splitlines()]
