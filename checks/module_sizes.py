"""One concept a module: past 250 lines a module is named, past 400 the check fails. Tests are left out."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOOK_FOR_THE_SECOND_IDEA, TOO_LONG = 250, 400


def main() -> int:
    """Print long modules; 1 when one is too long."""
    sizes = {
        module.relative_to(ROOT): len(module.read_text().splitlines())
        for room in ("schemas", "stream", "agents", "checks", "deploy", "bench")
        for module in sorted((ROOT / room).rglob("*.py"))
    }
    long = {module: lines for module, lines in sizes.items() if lines > LOOK_FOR_THE_SECOND_IDEA}
    for module, lines in sorted(long.items(), key=lambda each: -each[1]):
        fault = "too long" if lines > TOO_LONG else "look for the second idea"
        print(f"{module}: {lines} lines: {fault}")
    print(f"{len(sizes)} modules, {len(long)} of them past {LOOK_FOR_THE_SECOND_IDEA} lines")
    return int(any(lines > TOO_LONG for lines in long.values()))


if __name__ == "__main__":
    sys.exit(main())
