"""`centralino check`: settings, broker, topics, store: one line each, what is wrong and what to do about it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import TOPICS
from stream.cli import options
from stream.cli.console import out
from stream.cli.problem import Problem, explaining
from stream.cli.store import store
from stream.connections import kafka_options
from stream.settings import FILE
from stream.settings_access import open_to_all
from stream.settings_addresses import is_cluster
from stream.state.keys import store_keys
from stream.state.namespaces import resolved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stream.settings import Settings

REDIS_AT_LEAST = (6, 2)
ADMIN_TIMEOUT_MS = 5000


class Finding(NamedTuple):
    """One thing that was looked at. `level`: ok, note (works, but), wrong."""

    level: str
    what: str
    text: str


def check() -> None:
    """Look at settings, broker, topics and store: one line each; exit code 1 when something is wrong."""
    try:
        settings = options.settings()
    except Problem as problem:
        for line in str(problem).split("; "):
            _print(Finding("wrong", "settings", line))
        raise typer.Exit(1) from None
    _print(Finding("ok", "settings", _where_from()))
    if open_to_all(settings.host, settings.credentials()):
        _print(Finding("note", "access", f"on {settings.host} everybody may read the service: see docs/security.md"))
    findings = asyncio.run(_look(settings))
    for finding in findings:
        _print(finding)
    if any(finding.level == "wrong" for finding in findings):
        raise typer.Exit(1)


def _where_from() -> str:
    return (
        f"{FILE} in this folder, and the environment"
        if Path(FILE).exists()
        else f"no {FILE} here: the environment and defaults"
    )


def _print(finding: Finding) -> None:
    mark, style = {"ok": ("ok", "green"), "note": ("note", "yellow"), "wrong": ("wrong", "red")}[finding.level]
    out.print(f"[{style}]{mark:<6}[/]{finding.what:<10}", end="")
    out.print(finding.text, markup=False, soft_wrap=True)


async def _look(settings: Settings) -> list[Finding]:
    looks: tuple[tuple[str, Callable[[Settings], Awaitable[list[Finding]]]], ...] = (
        ("broker", _broker),
        ("store", _store),
    )
    found: list[Finding] = []
    for what, look in looks:
        try:
            found += await look(settings)
        except Problem as problem:
            found.append(Finding("wrong", what, str(problem)))
    return found


async def _broker(settings: Settings) -> list[Finding]:
    with explaining(settings):
        admin = AIOKafkaAdminClient(**kafka_options(settings), request_timeout_ms=ADMIN_TIMEOUT_MS)
        try:
            await admin.start()
            cluster: dict[str, Any] = await admin.describe_cluster()
            names = [spec.named(settings.topic_prefix) for spec in TOPICS.values()]
            there = set(await admin.list_topics())
            described = await admin.describe_topics([name for name in names if name in there])
        finally:
            await admin.close()
    brokers = len(cluster.get("brokers", ()))
    found = [Finding("ok", "broker", f"{settings.kafka_bootstrap_servers}: {brokers} broker{'s'[: brokers != 1]}")]
    missing = [name for name in names if name not in there]
    if missing and settings.apply_topics:
        found.append(
            Finding(
                "note", "topics", f"missing: {', '.join(missing)}; the worker makes them, or `centralino topics apply`"
            )
        )
    elif missing:
        found.append(Finding("wrong", "topics", f"missing: {', '.join(missing)}; run `centralino topics apply`"))
    else:
        counts = sorted({len(each["partitions"]) for each in described})
        found.append(Finding("ok", "topics", f"all {len(names)} there, {' or '.join(map(str, counts))} partitions"))
    return found


def _node(address: str, info: dict[str, Any]) -> list[Finding]:
    """What one node of the store says of itself."""
    kind = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    compatible = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    policy, limited = str(info.get("maxmemory_policy", "")), int(info.get("maxmemory", 0)) > 0
    found = [Finding("ok", "store", f"{address}: {kind} {version}")]
    if compatible < REDIS_AT_LEAST:
        found.append(Finding("wrong", "store", f"Redis {version} is too old: take 6.2 or newer, or Valkey"))
    if policy != "noeviction":
        level = "wrong" if limited else "note"
        found.append(
            Finding(level, "store", f"maxmemory-policy is {policy}: figures would vanish; set it to noeviction")
        )
    if not int(info.get("aof_enabled", 0)):
        text = "appendonly is off: after a crash the last minutes are counted again from Kafka; set it to yes"
        found.append(Finding("note", "store", text))
    return found


async def _store(settings: Settings) -> list[Finding]:
    async with store(settings) as client:
        told = await client.of_each_node()
        settings = await resolved(client, settings)
        keys = store_keys(settings.store_prefix)
        known = await client.command("EXISTS", keys.incarnation)
        braked = sorted(each.decode() for each in await client.command("HKEYS", keys.braked))
    found = [finding for address, info in told.items() for finding in _node(address, info)]
    if is_cluster(settings.redis_url):
        owners = [info for info in told.values() if info["role"] == "master"]
        bare = [address for address, info in told.items() if info["role"] == "master" and not info["connected_slaves"]]
        found.insert(0, Finding("ok", "store", f"a cluster of {len(owners)} masters, {len(told)} nodes answer"))
        if bare:
            found.append(Finding("note", "store", f"no replica takes over from {', '.join(bare)}"))
    if braked:
        found.append(
            Finding(
                "wrong",
                "partitions",
                f"stopped by bad input: {', '.join(braked)}; look at `centralino dlq list`, then `centralino resume`",
            )
        )
    found.append(Finding("ok", "state", "figures are there" if known else "empty: no worker has counted here yet"))
    return found
