"""The examples of docs/subscribe, made ready to run as the page says: each fetched and built once by what it is."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from stream.embedded import cache_folder
from tests.parts.missing import PartMissing, program

EXAMPLES = Path(__file__).parents[2] / "docs" / "subscribe"
LANGUAGES = ("python", "node", "java")
MAKE = {"node": "npm ci", "java": "mvn -q compile dependency:copy-dependencies"}
RUN = {
    "python": "python subscribe.py",
    "node": "node subscribe.js",
    "java": "java -cp 'target/classes:target/dependency/*' Subscribe",
}
"""What the page tells people to type, in the example's folder; Python's libraries are in our own environment."""
_ARGUMENTS = {language: [word.strip("'") for word in line.split()] for language, line in RUN.items()}


def command(language: str) -> tuple[list[str], Path]:
    """The command line of an example, and the folder that it is run in; raises `PartMissing`."""
    name, *arguments = _ARGUMENTS[language]
    started = sys.executable if language == "python" else program(name)
    return [started, *arguments], made(language) if language in MAKE else EXAMPLES / language


def made(language: str) -> Path:
    """A copy of an example's folder with all that it needs; raises `PartMissing`."""
    name, *arguments = MAKE[language].split()
    maker = program(name)
    sources = sorted(path for path in (EXAMPLES / language).rglob("*") if path.is_file() and not _made(path))
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = cache_folder() / f"subscribe-{language}-{version}"
    done = folder / ".complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return folder
        for path in sources:
            copy = folder / path.relative_to(EXAMPLES / language)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        found = subprocess.run(
            [maker, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if found.returncode:
            raise PartMissing(f"{MAKE[language]} failed in docs/subscribe:\n{(found.stdout + found.stderr)[-2000:]}")
        done.touch()
    return folder


def _made(path: Path) -> bool:
    return bool({"node_modules", "target"} & set(path.relative_to(EXAMPLES).parts))
