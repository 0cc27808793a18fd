"""docs/explain.md shows what the routes answer. Remove the page and run this test to write it anew."""

from __future__ import annotations

import json
from pathlib import Path

from stream.core.rules import MINUTE
from stream.serve.view import View
from stream.settings import Settings
from stream.state.client import client_of
from tests.serve.test_kpis import loaded
from tests.serve.told import START, Told, history

PAGE = Path(__file__).parents[2] / "docs" / "explain.md"
TEXT = """# Why a number is what it is

Two routes of `centralino serve`: one for an interaction, one for a figure. Both look at what is kept in Redis, write
nothing, and need no index; what they show may be a moment newer than the snapshot behind `/api/v1/kpis`. The answers
below are shortened, and a test makes them.

## One interaction

`GET /api/v1/interactions/<channel>/<id>` has who, why and which way; `state` (open, closed, timed_out), when silence
will end it and since when it waits for a response; `events` in the order in which they count, each with the number of
its arrival; `segments` with their instants, outcome, lengths and the threshold; `stamps`: what it counts in the
figures, as applied; `anomalies`. Instants are RFC 3339, lengths are in ms.

`history` says *why*, arrival by arrival: what each added to the figures and took back. Here `transferred` was heard
after `ended`. Until then the agent had talked for 60 s:

`GET /api/v1/interactions/phone/i1`

```json
{interaction}
```

- Only the set of events is kept, so the past is told again from them: an event that a higher revision has replaced is
  seen as its last revision, in the place of its first arrival.
- `beyond_the_events` is what does not follow from the events by today's settings: time-outs, and what former settings
  have counted (`counted`) or not (`not_counted`) until the interaction's next event.
- `of_customer` is what it counts through its customer (first contact, repeat, contained by a bot), and the customer's
  interactions `near` it: what may make it a repeat, or unresolved.
- Of more than 500 events the last arrivals are told, fewer the more there are; `arrival` has their numbers.
- It is looked for in all partitions of the channel's topic; `also_in_partitions` should be empty.
- An interaction past its keep is unknown (404), whether it has been pruned or not.

## One figure

`GET /api/v1/explain?figure=…&window=1h&channel=…&queue=…&at=…&direction=…`

`figure` is a key of a row of `/api/v1/kpis`, a figure or a measure. `_seconds` may be left out where no measure has
that name (`asa`, `aht`); variants come after a dot: `service_level.strict`, `wait_quantile.p95`, `fcr.matured`,
`flowed_out_by.callback`. Without one: the queue's own service level, `p50`, `provisional`. Without `channel` or
`queue` it is over all of them; `queue=` alone is work that no queue sent.

`GET /api/v1/explain?figure=service_level&channel=phone&queue=support`

```json
{figure}
```

- `numerator` and `denominator` list the measures with their signs; they and `value` are those of the row of
  `/api/v1/kpis` with the same window, labels, instant and direction.
- `interactions` are the newest 100 of `interactions_found`, by the latest instant at which each counts. Its own
  `numerator` and `denominator` add up, over all that are found, to those above, and `parts` says what it counts,
  where and when.
- `counts` says of each measure how much of it is in the figure, how much was found in interactions that are still
  kept, and how much is `gone` with those that are not.
- Entities are looked through, the newest first, until what is found adds up to the figure, or none is left, or 50,000
  were looked at. The last is said by `"complete": false`, and then `gone` is `null`.
- Live figures add who waits now; whom silence has ended is there before a worker has written it.
"""
NOW = START + 10 * MINUTE


def block(value, depth=0):
    """An answer as text: what does not fit in a line has a line for each of its parts."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (depth and len(short) + 2 * depth <= 100):
        return short
    inside = [block(each, depth + 1) for each in (value.values() if isinstance(value, dict) else value)]
    if isinstance(value, dict):
        inside = [f"{json.dumps(name)}: {text}" for name, text in zip(value, inside, strict=True)]
    margin = "  " * depth
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{margin}  " + f",\n{margin}  ".join(inside) + f"\n{margin}{closing}"


def chosen(answer, *names):
    return {name: answer[name] for name in names}


async def answers(redis_server, key_prefix, browse):
    told = Told(redis_server.url, key_prefix)
    await told.declare(phone=1)
    late = history(
        (0, "queued", {"queue": "support"}), (5, "answered", {"agent_id": "anna"}), (65, "ended", {"by": "customer"}),
        (30, "transferred", {"agent_id": "anna", "to_queue": "sales"}),
    )  # fmt: skip
    for event in late:
        await told.take([event])
    slow = (100, "queued", {"queue": "support"}), (140, "answered", {"agent_id": "ben"})
    await told.take(history(*slow, (200, "ended", {"by": "customer"}), id_="i2"))
    await told.store.aclose()
    redis = client_of(redis_server.url)
    settings = Settings(redis_url=redis_server.url, key_prefix=key_prefix)
    client = browse(await loaded(View.over(redis, settings, lambda: NOW)))
    one = (await client.get("/api/v1/interactions/phone/i1")).json()
    figure = (await client.get("/api/v1/explain?figure=service_level&channel=phone&queue=support")).json()
    await redis.aclose()
    return one, figure


async def test_the_page_shows_what_the_routes_answer(redis_server, key_prefix, browse):
    one, figure = await answers(redis_server, key_prefix, browse)
    one["history"] = one["history"][-1:]
    one = chosen(one, "channel", "id", "state", "started_at", "ended_at", "segments", "history")
    figure["variants"] = chosen(figure["variants"], "answered_only", "strict")
    figure = chosen(
        figure, "figure", "variant", "unit", "value", "formula", "definition", "numerator", "denominator", "variants",
        "window", "counts", "interactions", "interactions_found", "looked_at", "complete",
    )  # fmt: skip
    wanted = TEXT.replace("{interaction}", block(one)).replace("{figure}", block(figure))
    if not PAGE.exists():
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, "remove docs/explain.md and run this test to write it anew"
