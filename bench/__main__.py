"""`python -m bench [--quick] [--markdown]`: ours and its peers in turn, on one topic of one broker; tables.

Nothing passes or fails by time. A path whose figures are not those of a naive recount fails, whatever its time.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import signal
import sys
import time
from contextlib import ExitStack

from bench import interpreter, table
from bench.apart import APART
from bench.catalogue import GOALS, NAMES, NOT_QUICK, ROWS
from bench.recount import Wrong
from bench.rounds import prepare, turns
from bench.surroundings import Logs, surroundings

EVENTS, QUICK_EVENTS = 500_000, 200_000


def main() -> int:
    """Run the bench; 1 when a path has counted wrongly."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"one round instead of three, fewer events, no {', '.join(sorted(NOT_QUICK))}",
    )
    parser.add_argument("--rounds", type=int, help="how many rounds")
    parser.add_argument("--events", type=int, help=f"how many events (default: {EVENTS:,}, or {QUICK_EVENTS:,})")
    parser.add_argument("--only", help=f"what is measured, of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    given = parser.parse_args()
    only = set(given.only.split(",")) if given.only else set(NAMES) - (NOT_QUICK if given.quick else set())
    if only - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(only - set(NAMES)))}; there are {', '.join(NAMES)}")
    rounds = given.rounds or (1 if given.quick else 3)
    events = given.events or (QUICK_EVENTS if given.quick else EVENTS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the parts are ended, too
    with ExitStack() as stack:
        where = surroundings(stack)
        try:
            sections = [each.measure(where, rounds, given.quick) for each in APART if each.name in only]
            ready, left_out = prepare([row for row in ROWS if row.name in only], Logs(where, events))
            gc.freeze()
            runs = turns(where, ready, rounds)
        except Wrong as wrong:
            print(f"bench: {wrong}", file=sys.stderr)
            return 1
    show = table.markdown if given.markdown else table.plain
    if runs:
        repeated = f"{rounds} {'round' if rounds == 1 else 'rounds'} in turn"
        print(show(table.by_clock(runs), table.CLOCK_HEADINGS))
        print("\n" + show(table.by_cpu(runs), table.CPU_HEADINGS))
        print(f"\n{events:,} events; {_machine()}; {repeated}; all of it on this machine.")
        reached = table.goals(runs, GOALS)
        if reached:
            print("\n" + show(reached, table.GOALS_HEADINGS))
    for title, why in left_out.items():
        print(f"\nLeft out: {title}: {why}")
    for section in sections:
        print("\n" + show(section.rows, section.headings))
        print("\n" + "; ".join(filter(None, [section.note, _machine()])) + ".")
    return 0


def _machine() -> str:
    cores, load_ = len(os.sched_getaffinity(0)), os.getloadavg()[2]
    return (
        f"{cores} cores, Python {platform.python_version()} ({interpreter.build()}),"
        f" {time.strftime('%Y-%m-%d', time.gmtime())}, load of the last quarter of an hour {load_:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
