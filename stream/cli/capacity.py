"""`centralino capacity`: what a load takes, by the measured cost model; see docs/scaling.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from stream.capacity.plan import LONGEST_LOOK_S, LOOK_S, Load, measured, plan
from stream.cli.console import out
from stream.cli.problem import Problem
from stream.core.books import ledger

if TYPE_CHECKING:
    from stream.capacity.plan import Plan

_POWERS = {"k": 1e3, "M": 1e6, "G": 1e9}


def number(told: str) -> float:
    """A number, in thousands, millions or milliards with k, M or G behind it. Raises Problem.

    >>> number("100M"), number("2.5k"), number("7")
    (100000000.0, 2500.0, 7.0)
    """
    try:
        found = float(told.rstrip("kMG")) * _POWERS.get(told[-1:], 1.0)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e15:
        raise Problem(f"{told!r} is no number such as 5000, 2.5k or 100M", 2)
    return found


def capacity(
    events: Annotated[str, typer.Option(help="Events of interactions a second, at the peak; 5000, 2.5k, 1M.")],
    queues: Annotated[str, typer.Option(help="Queues, of all channels.")] = "24",
    customers: Annotated[str, typer.Option(help="Customers that are known.")] = "0",
    agents: Annotated[str, typer.Option(help="Agents.")] = "0",
    contacts: Annotated[float, typer.Option(min=0, help="Contacts of a customer in a year.")] = 6.0,
    mean: Annotated[
        str,
        typer.Option(help="Events a second, mean of days. Default: what the contacts make, else a third of the peak."),
    ] = "0",
    partitions: Annotated[int, typer.Option(min=0, help="Of a channel's topic. Default: as few as will do.")] = 0,
    outputs: Annotated[bool, typer.Option(help="Events are told enriched, exactly once.")] = True,
    compiled: Annotated[
        bool | None, typer.Option(help="The core is compiled. Default: as here; in the image it is.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all that was assumed.")] = False,
) -> None:
    """Say what a load takes: workers, partitions, nodes of Redis, readers. By measured costs; touches nothing."""
    if compiled is None:
        compiled = not ledger.__file__.endswith(".py")
    load = Load(
        events=max(number(events), 1.0), queues=max(int(number(queues)), 1), customers=number(customers),
        agents=number(agents), contacts=contacts, mean=number(mean), partitions=partitions, outputs=outputs,
        program="compiled" if compiled else "pure",
    )  # fmt: skip
    found = plan(load, measured())
    if as_json:
        out.print_json(msgspec.json.encode({"load": load, "plan": found}).decode())
        return
    for name, value in rows(load, found):
        out.print(f"{name:<22} {value}", soft_wrap=True, markup=False, highlight=False)


def rows(load: Load, found: Plan) -> list[tuple[str, str]]:
    """The plan in words, as docs/scaling.md has it too."""
    cores = ", ".join(f"{name} {value:.1f}" for name, value in found.workers_by.items())
    kept = ", ".join(f"{name} {size(value)}" for name, value in found.memory.items())
    reader = f"one, of {found.reader_cores:.2f} cores; a second one so that one may fail"
    if found.look_s > LOOK_S:
        reader = f"one can look every {found.look_s:.1f} s: to look each 0.2 s takes {found.reader_cores:.1f} cores"
    if found.look_s > LONGEST_LOOK_S:
        reader = f"one cannot keep up: {found.reader_cores:.1f} cores; part the center, by regions or lines of business"
    tasks = f"{found.partitions}, {found.records_a_commit:,.0f} records in a commit"
    of = found.redis_nodes_by
    nodes = f"{found.redis_nodes}: {of['CPU']} by CPU ({found.redis_cores:.1f} cores), {of['memory']} by memory"
    return [
        ("mean", f"{found.mean:,.0f} events a second"),
        ("partitions", f"{tasks}, {found.cache:,.0f} interactions remembered"),
        ("workers", f"{found.workers}, a core each, {load.busy:.0%} busy ({cores} cores)"),
        ("Redis, nodes", f"{nodes}, {load.node_gb:.0f} GB of data each"),
        ("Redis, memory", f"{size(sum(found.memory.values()))} ({kept})"),
        ("Redis, network", f"{size(found.redis_in)}/s in, {size(found.redis_out)}/s out"),
        ("Kafka, network", f"{size(found.kafka_in)}/s in, {size(found.kafka_out)}/s out, before replication"),
        ("reader", reader),
        ("most is taken of", found.most),
    ]  # fmt: skip


def size(n: float) -> str:
    """Bytes, in words.

    >>> size(1500), size(2.5e12)
    ('1.5 kB', '2.5 TB')
    """
    unit = 0
    while n >= 1000 and unit < 4:
        n, unit = n / 1000, unit + 1
    return f"{n:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[unit]}" if n < 1000 else f"{n:,.0f} TB"
