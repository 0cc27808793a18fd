"""Where programs that tests start find our packages: here; with CENTRALINO_TEST_CORE=compiled, where the core is."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from deploy.compile_core import compiled
from stream.embedded import cache_folder

ROOT = Path(__file__).parents[2]


@cache
def path() -> str:
    """For PYTHONPATH. The compiled core is made when it is not there: a minute or two."""
    if os.environ.get("CENTRALINO_TEST_CORE") == "compiled":
        return os.pathsep.join([str(compiled(cache_folder())), str(ROOT)])
    return str(ROOT)
