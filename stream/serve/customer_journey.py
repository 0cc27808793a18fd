"""One customer's journey: touchpoints by time, three lanes, phases, what broke, transitions, first contacts. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from stream.core.customers.contacts import first_contacts
from stream.core.customers.friction import Friction, is_bad
from stream.core.customers.groups import Groups
from stream.core.customers.journeys import gap_ms, journeys
from stream.core.customers.touchpoints import FELT, Touchpoint, touchpoints
from stream.serve.past import text

if TYPE_CHECKING:
    from schemas.events import Digest, Said
    from stream.core.customers.person import Person
    from stream.core.rules import Rules

SHOWN = 500
Key = tuple[str, str]


def journey(person: Person, aliases: list[str], rules: Rules, now_ms: int) -> dict[str, Any]:
    """All of it, the newest `SHOWN` touchpoints of `total`; their `number` counts from the first one known."""
    touches = touchpoints(person, rules)
    groups, friction, states = Groups(person, rules), Friction(person.journey, rules), _states(person, now_ms)
    runs = journeys(touches)
    number_of = {id(touch): number for number, touch in enumerate(touches, 1)}
    journey_of = {id(touch): number for number, run in enumerate(runs, 1) for touch in run}
    shown = touches[-SHOWN:]
    hidden = len(touches) - len(shown)
    rows: list[dict[str, Any]] = []
    broken: list[dict[str, Any]] = []
    for touch in shown:
        number, kinds = number_of[id(touch)], friction.at(touch)
        rows.append(
            {
                "number": number,
                **_touchpoint(touch),
                "journey": journey_of[id(touch)],
                "segments": list(groups.at(touch.at)),
                "friction": list(kinds),
                "first_contact": None if touch.digest is None else states.get(_key(touch.digest)),
            }
        )
        broken += [{"friction": why, "number": number, "touchpoint": touch.name, "at": text(touch.at)} for why in kinds]
    known = [*(d.started_at for d in person.journey.all[:1]), *(said.at for said in person.said[:1])]
    return {
        "customer_id": person.id,
        "aliases": aliases,
        "segments": list(groups.at(now_ms)),
        "first_known_at": text(min(known, default=None)),
        "total": len(touches),
        "journeys": [_run(run, n, number_of) for n, run in enumerate(runs, 1) if number_of[id(run[-1])] > hidden],
        "touchpoints": rows,
        "lanes": _lanes(shown, number_of),
        "transitions": [
            _transition(before, after, number_of)
            for run in runs
            for before, after in pairwise(run)
            if number_of[id(before)] > hidden
        ],
        "friction": broken,
    }


def _touchpoint(touch: Touchpoint) -> dict[str, Any]:
    d = touch.digest
    return {
        "at": text(touch.at),
        "ended_at": text(touch.ended_at),
        "touchpoint": touch.name,
        "kind": "interaction" if touch.said is None else touch.said.kind,
        "phase": touch.phase,
        "outcome": touch.outcome,
        "channel": None if d is None else d.channel,
        "id": None if d is None else d.interaction_id,
    }


def _run(run: list[Touchpoint], number: int, number_of: dict[int, int]) -> dict[str, Any]:
    return {
        "journey": number,
        "from": text(run[0].at),
        "to": text(run[-1].ended_at or run[-1].at),
        "first": number_of[id(run[0])],
        "last": number_of[id(run[-1])],
    }


def _transition(before: Touchpoint, after: Touchpoint, number_of: dict[int, int]) -> dict[str, Any]:
    return {
        "from_number": number_of[id(before)],
        "to_number": number_of[id(after)],
        "from": before.name,
        "to": after.name,
        "gap_ms": gap_ms(before, after),
    }


def _lanes(touches: list[Touchpoint], number_of: dict[int, int]) -> dict[str, list[dict[str, Any]]]:
    """What the customer did, how it felt, what happened inside: each with the number of its touchpoint."""
    did, felt, inside = [], [], []
    for touch in touches:
        number = {"number": number_of[id(touch)]}
        if touch.said is None or touch.said.kind not in FELT:
            did.append(number | _did(touch))
        felt += [number | _felt(said) for said in touch.felt]
        if touch.digest is not None:
            inside.append(number | _inside(touch.digest))
    felt.sort(key=lambda entry: entry["at"])
    return {"did": did, "felt": felt, "inside": inside}


def _did(touch: Touchpoint) -> dict[str, Any]:
    d, said = touch.digest, touch.said
    told: dict[str, Any] = {"at": text(touch.at), "touchpoint": touch.name, "outcome": touch.outcome}
    if d is not None:
        return told | {"direction": "inbound" if d.inbound else "outbound", "reason": d.reason}
    assert said is not None
    if said.order_id is not None:
        return told | {"order_id": said.order_id, "amount": said.amount, "currency": said.currency}
    return told | {"told_touchpoint": said.name, "told_outcome": said.outcome}


def _felt(said: Said) -> dict[str, Any]:
    told: dict[str, Any] = {"at": text(said.at), "felt": FELT[said.kind], "bad": is_bad(said)}
    if said.kind == "complained":
        return told | {"bad": True, "about": said.name, "channel": said.channel, "public": said.flag}
    if said.kind == "reviewed":
        return told | {"score": said.score, "site": said.name}
    return told | {"survey": said.survey, "score": said.score, "channel": said.channel, "resolved": said.flag}


def _inside(d: Digest) -> dict[str, Any]:
    return {
        "at": text(d.started_at),
        "queue": d.queue,
        "agent_id": d.agent_id,
        "wait_ms": d.wait_ms,
        "handled": d.handled,
        "handle_ms": d.handle_ms,
        "transferred": d.transferred,
        "bot": d.bot,
        "resolved": d.resolved,
        "reopened_at": [text(at) for at in d.reopened_at],
    }


def _states(person: Person, now_ms: int) -> dict[Key, dict[str, Any]]:
    """What each inbound interaction is to first-contact resolution: a first contact, and its state, or a repeat."""
    window_ms, inbound = person.journey.window_ms, person.journey.inbound
    found: dict[Key, dict[str, Any]] = {}
    for d, cause in zip(inbound, person.journey.causes, strict=True):
        if cause is not None:
            first = inbound[cause]
            found[_key(d)] = {"first": False, "repeat_of": {"channel": first.channel, "id": first.interaction_id}}
    ends = {_key(d): max(d.ended_at) for d in inbound if d.ended_at}
    for contact in first_contacts(person):
        until = ends[contact.key] + window_ms
        found[contact.key] = {
            "first": True, "resolved": contact.resolved, "repeated": contact.repeated,
            "stage": "provisional" if now_ms <= until else "matured", "matures_at": text(until),
        }  # fmt: skip
    return found


def _key(d: Digest) -> Key:
    return d.channel, d.interaction_id
