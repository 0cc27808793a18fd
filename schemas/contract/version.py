"""The version of the contract. It is not the program's: within a major version there are only additions."""

from __future__ import annotations

VERSION = "1.0.0"
"""MAJOR.MINOR.PATCH of what the types say now: another minor with an addition, another major with a break."""


def ordered(version: str) -> tuple[int, ...]:
    """A version, to be compared. Raises ValueError.

    >>> ordered("1.10.0") > ordered("1.9.3")
    True
    """
    parts = tuple(int(part) for part in version.split("."))
    if len(parts) != 3:
        raise ValueError(f"{version!r} is no version: write MAJOR.MINOR.PATCH")
    return parts


def major(version: str = VERSION) -> int:
    """The part within which there are only additions."""
    return ordered(version)[0]
