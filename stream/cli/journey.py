"""`centralino journey`: one customer's life with us, over all channels, in the terminal."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote

import typer

from stream.cli import options
from stream.cli.ask import asked
from stream.cli.console import out
from stream.cli.journey_table import page, plain
from stream.cli.problem import Problem, explaining
from stream.cli.store import Store
from stream.connections import redis_options

if TYPE_CHECKING:
    from stream.settings import Settings
    from stream.settings_access import Credentials

_ANSWER_SECONDS = 10.0


def journey(
    customer: Annotated[str, typer.Argument(help="The customer's id, or an alias of theirs; as sources write it.")],
    last: Annotated[int, typer.Option(min=1, max=500, help="The newest so many touchpoints.")] = 40,
    url: Annotated[
        str | None, typer.Option(help="Ask this service, http://127.0.0.1:8000, not Redis: that of a demo, say.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As the API has it.")] = False,
) -> None:
    """Show a customer's journey over all channels: what they did, how it felt, what happened inside, where it broke."""
    settings = options.settings()
    body = asyncio.run(_kept(settings, customer)) if url is None else _asked(url, customer, settings.credentials())
    if body is None:
        raise Problem(f"nothing is known of customer {plain(customer)}: an id or an alias, as the source writes it")
    if as_json:
        out.print(json.dumps(body, ensure_ascii=False), soft_wrap=True, markup=False)
    else:
        out.print(page(body, out.width, settings.zone, last))


async def _kept(settings: Settings, customer: str) -> dict[str, Any] | None:
    from stream.serve.customer_journey import journey as body_of  # noqa: PLC0415
    from stream.serve.find_customer import find, shards  # noqa: PLC0415
    from stream.state.client import client_of  # noqa: PLC0415 - other commands need no reader of shards
    from stream.state.namespaces import resolved  # noqa: PLC0415

    pseudonyms, rules = settings.pseudonyms(), settings.rules()
    name = customer if pseudonyms is None else pseudonyms.of(customer)
    with explaining(settings):
        redis = client_of(**redis_options(settings), socket_timeout=_ANSWER_SECONDS)
        try:
            settings = await resolved(Store(redis), settings)
            known = await shards(redis, settings)
            found = await find(redis, settings.store_prefix, known, rules, name)
        finally:
            await redis.aclose()
    if found is None:
        return None
    now = found.stream_time if settings.clock == "event" else time.time_ns() // 1_000_000
    return {"asked": customer, **body_of(found.person, found.aliases, rules, now)}


def _asked(url: str, customer: str, credentials: Credentials | None) -> dict[str, Any] | None:
    if not url.startswith(("http://", "https://")):
        raise Problem(f"{url!r} is no service: write http://127.0.0.1:8000", 2)
    path = f"{url.rstrip('/')}/api/v1/customers/{quote(customer, safe='')}/journey"
    try:
        told: dict[str, Any] = json.loads(asked(path, credentials, _ANSWER_SECONDS))
    except HTTPError as error:
        if error.code == 404:
            return None
        if error.code == 401:
            wanted = "access_token (CENTRALINO_ACCESS_TOKEN), or access_user and access_password"
            raise Problem(f"{url} wants to know who asks: set {wanted}, as it has them") from error
        raise Problem(f"{url} answers {error.code} {error.reason}: is it a `centralino serve`?") from error
    except (URLError, OSError, ValueError) as error:
        raise Problem(f"{url} does not answer: {error}; it is what `centralino serve` or `demo` says") from error
    return told
