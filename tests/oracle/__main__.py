"""`python -m tests.oracle FILE.jsonl[.gz] --window 1h --by channel,queue --at 2026-03-02T15:00:00Z` prints rows."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path

from tests.oracle.records import Record, read
from tests.oracle.rows import rows


def load(path: Path) -> list[Record]:
    """The records of a file, one JSON object a line."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.splitlines()]


def main() -> None:
    """Print the rows as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--window", default="1h")
    parser.add_argument("--by", default="channel,queue", help="any subset of channel,queue; empty: one row")
    parser.add_argument("--at", help="RFC 3339; without it the latest event's time")
    parser.add_argument("--direction", default="inbound", choices=["inbound", "outbound", "all"])
    parser.add_argument("--own-ids-only", action="store_true", help="FCR without aliases and surveys")
    given = parser.parse_args()
    records = load(given.file)
    answer = rows(
        records,
        given.window,
        given.by,
        given.at or read(records).latest,
        given.direction,
        aliases_and_surveys=not given.own_ids_only,
    )
    json.dump(answer, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
