"""`centralino dlq`: look at what could not be understood, and send it again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from stream.cli import options
from stream.cli.console import err, out
from stream.cli.dead_letters import Letter, Sent, letters
from stream.cli.feed import feeding
from stream.cli.problem import Problem
from stream.cli.store import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.settings import Settings

app = typer.Typer(no_args_is_help=True)
KEPT_PER_FLUSH = 500

Reason = Annotated[str | None, typer.Option(help="Only letters with this reason, such as invalid_field.")]
Topic = Annotated[str | None, typer.Option(help="Only letters from this topic.")]


@app.callback()
def dead_letters() -> None:
    """Dead letters: records that could not be understood. A letter is called PARTITION:OFFSET."""


@app.command("list")
def list_(
    reason: Reason = None,
    topic: Topic = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
) -> None:
    """List dead letters, the newest last, and how many there are for each reason."""
    settings = options.settings()
    found, sent = asyncio.run(_found(settings, lambda letter: _fits(letter, settings, reason, topic)))
    found.sort(key=lambda letter: letter.at_ms)
    table = Table("letter", "laid aside", "reason", "from", "key", "detail", "sent", box=None, pad_edge=False)
    for letter in found[-limit:]:
        table.add_row(
            letter.name,
            _instant(letter.at_ms),
            letter.reason,
            f"{letter.topic} {letter.partition}:{letter.offset}",
            _text(letter.key, 40),
            letter.detail[:120],
            "again" if letter.mark in sent else "",
        )
    if found:
        out.print(table)
    reasons = sorted({letter.reason for letter in found})
    counts = ", ".join(f"{each} {sum(letter.reason == each for letter in found):,}" for each in reasons)
    out.print(f"{len(found):,} dead letters" + (f": {counts}" if counts else ""))


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="LETTER", help="PARTITION:OFFSET, as `dlq list` has it.")],
) -> None:
    """Show one dead letter: why, from where, and its bytes as they came."""
    settings = options.settings()
    found, sent = asyncio.run(_found(settings, lambda letter: letter.name == name, whole=True))
    letter = found[0] if found else None
    if letter is None:
        raise Problem(f"there is no dead letter {name}: `centralino dlq list` has them")
    for label, text in (
        ("reason", letter.reason),
        ("detail", letter.detail),
        ("from", f"{letter.topic}, partition {letter.partition}, offset {letter.offset}"),
        ("laid aside", _instant(letter.at_ms)),
        ("sent again", "yes" if letter.mark in sent else "no"),
        ("key", _text(letter.key)),
        ("bytes", f"{len(letter.value or b''):,}" + (", the first of a larger record" if letter.truncated else "")),
    ):
        out.print(f"{label + ':':<12}{text}", markup=False, soft_wrap=True)
    out.print(_text(letter.value), markup=False, soft_wrap=True)


@app.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LETTER]...", help="Which; PARTITION:OFFSET.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them (that fit --reason and --topic).")] = False,
    reason: Reason = None,
    topic: Topic = None,
    again: Annotated[bool, typer.Option("--again", help="Also those that were sent again before.")] = False,
) -> None:
    """Send dead letters to the topics they came from, bytes and key unchanged. Each once, unless told --again."""
    if not names and not all_ and reason is None and topic is None:
        raise Problem("say which: LETTER..., --reason, --topic or --all (centralino dlq replay --help)", 2)
    settings = options.settings()
    asyncio.run(_replay(settings, set(names or ()), reason, topic, again=again))


async def _found(
    settings: Settings, wanted: Callable[[Letter], bool], *, whole: bool = False
) -> tuple[list[Letter], set[str]]:
    """The letters that are wanted, without their values unless `whole`; and the marks of those sent again."""
    found = [letter if whole else letter._replace(value=None) async for letter in letters(settings) if wanted(letter)]
    async with store(settings) as client:
        return found, await Sent(client, settings).marks()


async def _replay(settings: Settings, names: set[str], reason: str | None, topic: str | None, *, again: bool) -> None:
    sent = before = cut = 0
    marks: list[str] = []
    async with store(settings) as client, feeding(settings) as feed:
        memory = Sent(client, settings)
        known = await memory.marks()
        seen: set[str] = set()
        async for letter in letters(settings):
            if not _fits(letter, settings, reason, topic) or (names and letter.name not in names):
                continue
            seen.add(letter.name)
            if letter.mark in known and not again:
                before += 1
            elif letter.truncated:
                cut += 1
            else:
                await feed.add(letter.topic.removeprefix(settings.topic_prefix), letter.key, letter.value, None)
                marks.append(letter.mark)
                sent += 1
            if len(marks) >= KEPT_PER_FLUSH:
                await feed.flush()
                await memory.add(marks)
                marks.clear()
        await feed.flush()
        await memory.add(marks)
    err.print(
        f"{sent:,} sent again, {before:,} left out since they were before, {cut:,} cannot: too large when laid aside"
    )
    missing = sorted(names - seen)
    if missing:
        raise Problem(f"there is no dead letter {', '.join(missing)}: `centralino dlq list` has them")


def _fits(letter: Letter, settings: Settings, reason: str | None, topic: str | None) -> bool:
    return reason in (None, letter.reason) and topic in (
        None,
        letter.topic,
        letter.topic.removeprefix(settings.topic_prefix),
    )


def _instant(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}Z"


def _text(content: bytes | None, width: int | None = None) -> str:
    """Bytes as text, with everything that a terminal would act on made visible."""
    if content is None:
        return "(none)"
    text = content.decode(errors="backslashreplace")
    text = "".join(each if each.isprintable() or each == "\n" else f"\\x{ord(each):02x}" for each in text)
    return text if width is None or len(text) <= width else text[: width - 1] + "…"
