"""A size at which costs are measured, and what was measured at it. Both are stored, so fields are only appended."""

from __future__ import annotations

from msgspec import Struct, structs


class Size(Struct, frozen=True, kw_only=True):
    """`rate`: events a second of the whole log, `seconds` of stream time. `batch`: records in a commit, at most.

    `keep_s`: of an interaction that is closed. `cache`: entities that a partition's owner remembers.
    Costs are measured from `warm_s` on, when as many interactions end as begin.
    """

    rate: float = 20.0
    partitions: int = 1
    queues: int = 24
    batch: int = 500
    seconds: float = 900.0
    keep_s: float = 3 * 86_400.0
    cache: int = 20_000
    warm_s: float = 450.0

    def words(self) -> str:
        """What is not as usual."""
        usual = Size()
        return ", ".join(
            f"{name} {value:g}" for name, value in structs.asdict(self).items() if value != getattr(usual, name)
        ) or "as usual"  # fmt: skip


class Found(Struct, kw_only=True):
    """What was counted at a size; CPU in seconds, sizes in bytes.

    Of the commits after `warm_s`: `written`, `loaded` interactions, `expired` ones and cells, `touched` cells by ring
    (`t`: totals, `w`: what is open), `told` records and bytes by topic, `net_in` `net_out` of Redis, `calls` of
    scripts. At the end, of all shards: `held`: members of each key, and entities, `memory`: bytes of each, `cells` by
    ring, `open` interactions, and how large open and closed ones are, summed.
    """

    records: int
    record_bytes: int
    seconds: float
    commits: int
    written: int
    loaded: int
    expired: int
    touched: dict[str, int]
    told: dict[str, int]
    told_bytes: dict[str, int]
    net_in: int
    net_out: int
    calls: int
    cpu: float
    redis_cpu: float
    held: dict[str, int]
    memory: dict[str, int]
    cells: dict[str, int]
    open: int
    open_bytes: int
    closed_bytes: int
    by_stamps: dict[int, tuple[int, int]] = {}
    """Cells of queues by how many interactions they hold, rounded down to a power of two: how many, and their bytes."""
