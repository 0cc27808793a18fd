"""Events of vendors' example payloads, for those that have none yet: `python -m checks.source_examples`.

What it writes is what the adapter says, not what is right: read each line before you commit it.
"""

from __future__ import annotations

import sys

from schemas.rejected import Rejected
from tests.schemas.payloads import FOLDER, PayloadFile, all_files, events_of


def missing() -> list[PayloadFile]:
    """Files of payloads without events."""
    return [file for file in all_files() if not file.golden.exists()]


def main() -> int:
    """Write what is missing; 1 when an example is rejected."""
    failed = 0
    for file in missing():
        try:
            events = events_of(file)
        except Rejected as rejected:
            print(f"{file}: {rejected}")
            failed = 1
            continue
        file.golden.write_bytes(b"".join(each.value + b"\n" for each in events))
        print(f"{file.golden.relative_to(FOLDER)}: {len(events)} events, to be read")
    return failed


if __name__ == "__main__":
    sys.exit(main())
