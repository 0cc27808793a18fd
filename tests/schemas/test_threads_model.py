"""Random days of threads, as each platform would tell them, come to the figures that counting the threads gives."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas.sources.options import Options
from schemas.sources.vendors import VENDORS
from tests.core.straight import Straight
from tests.schemas import threads_model_chatwoot as chatwoot
from tests.schemas import threads_model_intercom as intercom
from tests.schemas import threads_model_zendesk as zendesk
from tests.schemas.threads_model import Story, stories
from tests.schemas.threads_model_figures import counted, figures, rated, records, scores, unlike

SEEDS = range(3)
mixed = pytest.mark.parametrize("shuffle", [None, 1])


def wrong(
    vendor: str, told: list[Story], write: Callable[[Story], list[bytes]], options: Options,
    *, shuffle: int | None = None, grade: Callable[[int], int] = int, **more: Any,
) -> list[str]:  # fmt: skip
    """What comes out otherwise than by counting. `shuffle`: mixed by this seed, half told twice."""
    payloads = [payload for story in told for payload in write(story)]
    if shuffle is not None:
        draw = random.Random(shuffle)
        payloads += draw.sample(payloads, len(payloads) // 2)
        draw.shuffle(payloads)
    straight = Straight().take(records(VENDORS[vendor], payloads, options))
    found = [
        *unlike(counted(straight), figures(told), **more),
        *unlike(counted(straight, outbound=True), figures(told, outbound=True), **more),
    ]
    got, wanted = rated(straight), scores(told, grade)
    return found if got == wanted else [*found, f"scores are {got}, and should be {wanted}"]


@mixed
@pytest.mark.parametrize("late", [False, True])
def test_a_day_of_chatwoot(late: bool, shuffle: int | None) -> None:
    write = lambda story: chatwoot.payloads(story, late=late)  # noqa: E731
    for seed in SEEDS:
        told = stories(seed, chatwoot.KIND)
        assert wrong("chatwoot", told, write, chatwoot.OPTIONS, shuffle=shuffle, within_ms=25) == []


def test_a_day_of_chatwoot_where_nobody_is_ever_assigned() -> None:
    kind = replace(chatwoot.KIND, assigns=False, reopener_takes=False)
    for seed in SEEDS:
        told, unknown = stories(seed, kind), ("transferred",)
        assert wrong("chatwoot", told, chatwoot.payloads, chatwoot.OPTIONS, without=unknown) == []


def good_or_bad(score: int) -> int:
    return 5 if score >= 3 else 1


@mixed
@pytest.mark.parametrize("both", [False, True])
def test_a_day_of_zendesk_by_webhook_and_through_eventbridge_too(both: bool, shuffle: int | None) -> None:
    write = lambda story: zendesk.payloads(story, both=both)  # noqa: E731
    more: dict[str, Any] = {"grade": good_or_bad, "within_ms": 10}
    for seed in SEEDS:
        told = stories(seed, replace(zendesk.KIND, releases=False))
        assert wrong("zendesk", told, write, zendesk.OPTIONS, shuffle=shuffle, **more) == []


@pytest.mark.parametrize("assigns", [False, True])
def test_a_day_of_zendesk_whose_agents_give_back_or_never_take(assigns: bool) -> None:
    more: dict[str, Any] = {"grade": good_or_bad, "within_ms": 10, "without": ("transferred",)}
    for seed in SEEDS:
        told = stories(seed, replace(zendesk.KIND, assigns=assigns))
        assert wrong("zendesk", told, zendesk.payloads, zendesk.OPTIONS, **more) == []


@mixed
@pytest.mark.parametrize("routed", [False, True])
def test_a_day_of_intercom(routed: bool, shuffle: int | None) -> None:
    write = lambda story: intercom.payloads(story, routed=routed)  # noqa: E731
    for seed in SEEDS:
        told = stories(seed, intercom.KIND)
        assert wrong("intercom", told, write, intercom.OPTIONS, shuffle=shuffle, within_ms=10) == []


def test_a_day_of_intercom_with_assignments_by_others() -> None:
    more: dict[str, Any] = {"within_ms": 10, "without": ("transferred",)}
    for seed in SEEDS:
        told = stories(seed, replace(intercom.KIND, others_take=True))
        assert wrong("intercom", told, intercom.payloads, intercom.OPTIONS, **more) == []
