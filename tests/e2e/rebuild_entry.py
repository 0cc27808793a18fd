"""`centralino rebuild` that kills itself -9 before a step of the switch, named by CENTRALINO_KILLED_BEFORE."""

from __future__ import annotations

import os
import signal
from typing import Any

from stream.cli import main, rebuild_count, rebuild_switch
from stream.state.namespaces import Switch

STEPS = ("take", "close", "final_marks", "_settled", "caught_up", "_take_sources", "flip", "after")


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _ruin(step: str) -> None:
    if step == "after":
        flip = Switch.flip

        async def flipped(self: Switch, other: str) -> bool:
            await flip(self, other)
            return bool(_die())

        Switch.flip = flipped  # type: ignore[method-assign]
    elif step == "caught_up":
        switch = rebuild_switch._settled

        async def settled(count: rebuild_count.Count) -> None:
            await switch(count)
            rebuild_count.Count.caught_up = _die  # type: ignore[method-assign, assignment]

        rebuild_switch._settled = settled
    else:
        of: Any = Switch if hasattr(Switch, step) else rebuild_switch
        setattr(of, step, _die)


if __name__ == "__main__":
    _ruin(os.environ["CENTRALINO_KILLED_BEFORE"])
    main()
