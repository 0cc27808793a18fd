"""What a figure is made of: its formula, numerator and denominator, and the interactions still kept behind them.

No index is written for it: entities are looked through, the newest first, until what is found adds up to the figure,
nothing is left, or there have been too many; the answer says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stream.core.customers.customer import Customers
from stream.core.figures.explained import IN_CUSTOMERS, LIVE, ONLY_IN_CUSTOMERS, total, variants
from stream.core.interactions.interaction import Interactions
from stream.core.interactions.kept import applied
from stream.core.rules import DAY, Rules
from stream.serve import explain_row, explain_scope
from stream.serve.explain_query import ExplainQuery, known_queue
from stream.serve.explain_search import Search
from stream.serve.past import text
from stream.serve.past_customer import by_interaction
from stream.serve.view import View
from stream.state.newest import Entity, Newest
from stream.state.snapshot import ShardId

Take = Callable[[Entity], None]
CUSTOMERS = "customers.timeline"


async def explain(view: View, query: ExplainQuery) -> dict[str, Any]:
    """The answer. Raises BadRequest, NotKept, RedisError, OSError."""
    snapshot, rules, figure = view.snapshot, view.rules, query.figure
    known_queue(query, snapshot, rules)
    at_ms = view.now() if query.at_ms is None else query.at_ms
    where = explain_scope.Where(snapshot, rules, query, at_ms)
    row = explain_row.row_of(snapshot, rules, query, at_ms)
    present = query.at_ms is None or at_ms >= (snapshot.stream_time or 0)
    live = explain_scope.waiting(snapshot, rules, query, at_ms) if present else {}
    explain_scope.silent(snapshot, query, where, at_ms, live)
    overdue = sum(part.measures.get("overdue", 0) for parts in live.values() for part in parts)
    counts = explain_row.counts(row, figure, overdue)
    variant = view.settings.variant(query.channel or "", query.queue)
    search = Search(figure, where.bounds, counts, live)
    shards = _shards(view, query)
    walk = Newest(view.reader.redis, view.reader.key_prefix, shards)
    if not search.all_found():
        takers = {shard: _taker(view, shard, search) for shard in shards}
        async for page in walk.pages():
            for entity in page:
                takers[entity.shard](entity)
            if search.all_found():
                break
    complete = search.all_found() or walk.complete
    return {
        "figure": figure.name,
        "variant": figure.variant,
        "unit": figure.unit,
        "value": explain_row.value(row, figure),
        "formula": figure.formula,
        "definition": figure.definition,
        "numerator": _side(figure.numerator, counts),
        "denominator": _side(figure.denominator, counts),
        "variants": {
            other.variant: {"value": explain_row.value(row, other), "formula": other.formula}
            for other in variants(figure)
        },
        **query.labels,
        "direction": query.direction,
        "at": text(at_ms),
        "window": where.shown(),
        "settings": explain_scope.settings(rules, query, variant),
        "counts": [_count(name, n, search.found[name], complete) for name, n in counts.items()],
        "looked_at": walk.looked_at,
        "complete": complete,
        "interactions_found": search.interactions,
        "interactions": search.newest(),
    }


def _side(terms: tuple[tuple[int, str], ...], counts: dict[str, int]) -> dict[str, Any] | None:
    if not terms:
        return None
    parts = [{"measure": name, "sign": sign, "n": counts[name]} for sign, name in terms]
    return {"value": total(terms, counts), "terms": parts}


def _count(name: str, n: int, found: int, complete: bool) -> dict[str, Any]:
    """`gone`: what the figure counts of interactions that are no longer kept; None when not all were looked at."""
    return {"measure": name, "in_figure": n, "found": found, "gone": max(n - found, 0) if complete else None}


def _shards(view: View, query: ExplainQuery) -> dict[ShardId, int | None]:
    """The shards that may hold parts of the figure, and up to which expiry closed entities lie in each."""
    prefix, terms, elsewhere = view.settings.topic_prefix, query.figure.terms, ONLY_IN_CUSTOMERS.union(LIVE)
    found: dict[ShardId, int | None] = {}
    for shard, known in view.snapshot.shards.items():
        channel = shard.topic.removeprefix(prefix).removeprefix("interactions.")
        if shard.topic == view.settings.topic(CUSTOMERS):
            if not IN_CUSTOMERS.isdisjoint(terms):
                found[shard] = None
        elif channel in view.rules.channels and query.channel in (None, channel) and not elsewhere.issuperset(terms):
            found[shard] = known.stream_time + view.rules.channels[channel].keep_closed_ms + DAY
    return found


def _taker(view: View, shard: ShardId, search: Search) -> Take:
    """What takes a shard's entities into the search. One that is past its keep is unknown, whether pruned or not."""
    now = view.snapshot.shards[shard].stream_time
    if shard.topic.endswith(CUSTOMERS):
        return _of_customers(view.rules, now, search)
    return _of_interactions(view.rules, shard.topic.rsplit(".", 1)[1], now, search)


def _of_interactions(rules: Rules, channel: str, now: int, search: Search) -> Take:
    stage = Interactions(rules, channel)

    def take(entity: Entity) -> None:
        parts = search.of_the_figure(applied(entity.blob))
        if parts and (entity.expiry_at >= now or stage.keep_until(stage.load(entity.name, entity.blob)) >= now):
            search.take((channel, entity.name), parts)

    return take


def _of_customers(rules: Rules, now: int, search: Search) -> Take:
    stage = Customers(rules)

    def take(entity: Entity) -> None:
        state = stage.load(entity.name, entity.blob)
        if stage.keep_until(state) < now:
            return
        for key, stamp in by_interaction(state, state.stamps):
            parts = search.of_the_figure([stamp])
            if parts:
                search.take(key, parts, entity.name)

    return take
