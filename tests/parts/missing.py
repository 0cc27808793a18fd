"""What a machine lacks: the tests that need it are skipped with the reason, and fail where CI is set."""

from __future__ import annotations

import os
import shutil


class PartMissing(Exception):
    """A part is not installed here. The message says which, and that tests/setup installs it."""


def program(name: str) -> str:
    """Path of an installed program; raises `PartMissing`."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise PartMissing(f"{name} is not installed here (tests/setup installs it on Debian)")
    return found


def in_ci() -> bool:
    """Whether every part must be there."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}
