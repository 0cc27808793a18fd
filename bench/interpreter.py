"""How the Python of the bench was built: a plain build takes a tenth more for the same, and more than the image's."""

from __future__ import annotations

import sysconfig
from pathlib import Path


def build() -> str:
    """In a few words: with profile-guided and link-time optimization (PGO, LTO), plain, or not told."""
    return told(
        sysconfig.get_config_var("CONFIG_ARGS") or "",
        shared=bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
        loaded="/libpython" in Path("/proc/self/maps").read_text(),
    )


def told(arguments: str, *, shared: bool, loaded: bool) -> str:
    """The same from `configure`'s arguments, whether they are of a build with libpython, and whether that is loaded.

    Debian builds twice: its arguments are those of its libpython, its python3 is another, without libpython.

    >>> told("'--enable-optimizations' '--with-lto'", shared=True, loaded=True)
    'with PGO and LTO'
    >>> told("'--enable-shared'", shared=True, loaded=True)
    'a plain build, without PGO'
    >>> told("'--enable-shared' '--without-ensurepip'", shared=True, loaded=False)
    "a distribution's build: Debian's is with PGO and LTO"
    """
    if shared and not loaded:
        return "a distribution's build: Debian's is with PGO and LTO"
    if "--enable-optimizations" not in arguments:
        return "a plain build, without PGO"
    return "with PGO and LTO" if "--with-lto" in arguments else "with PGO, without LTO"
