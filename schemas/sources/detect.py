"""Which platform payloads are of, by what is in them: each platform has marks that no other has. Pure.

A guess is a payload's, a verdict that of several: one platform, when it is of at least half of them and no other is of
any. Whoever is unsure says what was seen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from schemas.faults import parsed
from schemas.rejected import Rejected
from schemas.sources.payload import MAX_BYTES, Node

OURS = "centralino"
"""Of what needs no platform's adapter: our own events, or records of them as `centralino replay` reads them."""
SHOWN_KEYS, SHOWN_TEXT = 6, 40

_QUEUE_LOG = re.compile(rb"\d{9,11}\|[^|]*\|[^|]*\|[^|]*\|[A-Z]{3,40}(?:\||\s*$)")
_MANAGER = re.compile(rb"(?:Event|Privilege|Response): ?\S", re.IGNORECASE)
_FORM = re.compile(rb"[A-Za-z][\w.]*=[^&\s]*(?:&[A-Za-z][\w.]*=[^&\s]*)*\s*")
_TASK_ROUTER = re.compile(rb"(?:^|&)EventType=((?:task|reservation|worker|workflow|workspace|activity)[\w.-]*)")
_TYPEFORM, _DELIGHTED = "form_response", "survey_response."
_CHATWOOT = ("conversation_", "message_", "contact_", "webwidget_", "inbox_")


class Guess(NamedTuple):
    """Of one payload. `vendor` None: nobody's that we know; `reason`: what of it says so, what is there instead."""

    vendor: str | None
    reason: str


class Verdict(NamedTuple):
    """Of several payloads. `vendor` None: unsure. `seen`: the guesses, the most frequent first, with how many."""

    vendor: str | None
    seen: list[tuple[Guess, int]]


def detect(payloads: Iterable[bytes]) -> Verdict:
    """Whose these payloads are.

    >>> detect([b"1267624804|1267624799.1|support|NONE|ENTERQUEUE||12", b"noise"]).vendor
    'asterisk'
    >>> detect([b"name,age", b"ada,36"]).vendor
    """
    seen = Counter(guess for payload in payloads for guess in _guesses(payload))
    vendors: Counter[str] = Counter()
    for guess, number in seen.items():
        if guess.vendor is not None:
            vendors[guess.vendor] += number
    sure = len(vendors) == 1 and vendors.total() * 2 >= seen.total()
    return Verdict(next(iter(vendors)) if sure else None, seen.most_common())


def guess(payload: bytes) -> Guess:
    """Whose one payload is."""
    text = payload.strip()
    if text[:1] in (b"{", b"["):
        return _of_json(text)
    if _QUEUE_LOG.match(text):
        return Guess("asterisk", "lines of a queue_log")
    if _FORM.fullmatch(text):
        found = _TASK_ROUTER.search(text)
        return Guess("twilio", "event callbacks of TaskRouter") if found else Guess(None, "a form of a browser")
    if _MANAGER.match(text):
        return Guess(None, "lines of Asterisk's manager (AMI): its queue_log is what is read")
    return Guess(None, _words(text))


def _guesses(payload: bytes) -> Iterator[Guess]:
    """Of a payload, or of each in a JSON list of some."""
    if payload.lstrip()[:1] == b"[":
        try:
            told = parsed(payload, MAX_BYTES)
        except Rejected:
            told = None
        if isinstance(told, list) and told:
            yield from (guess(msgspec.json.encode(each)) for each in told)
            return
    yield guess(payload)


def _of_json(text: bytes) -> Guess:
    try:
        told: Any = parsed(text, MAX_BYTES)
    except Rejected as rejected:
        large = f"JSON of more than {MAX_BYTES >> 20} MiB in one piece: write one payload a line"
        return Guess(None, large if rejected.reason == "too_large" else "broken JSON")
    if not isinstance(told, dict):
        return Guess(None, "an empty list" if told == [] else "a list of lists")
    node = Node(told)
    for mark, vendor in _MARKS.items():
        reason = mark(node)
        if reason is not None:
            return Guess(vendor, reason)
    keys = sorted(map(_short, told))
    more = ", …" if len(keys) > SHOWN_KEYS else ""
    return Guess(None, f"JSON objects with {', '.join(keys[:SHOWN_KEYS])}{more}" if keys else "empty JSON objects")


def _ours(node: Node) -> str | None:
    if _is_text(node, "specversion") and _starts(node, "type", "interaction.", "agent.", "customer."):
        return "events of Centralino"
    record = _starts(node, "topic", "interactions.", "agents.", "customers.", "sources.") and "value" in node
    return "records of Centralino" if record else None


def _amazon_connect(node: Node) -> str | None:
    told = node.in_any_case()
    if "AgentARN" in node and "EventType" in node:
        return "agent events of Amazon Connect"
    if _starts(node, "source", "aws.connect") or (":connect:" in _text(told, "instanceArn") and "eventType" in told):
        return "contact events of Amazon Connect"
    record = "AWSContactTraceRecordFormatVersion" in node or ("ContactId" in node and "InitiationMethod" in node)
    return "contact records of Amazon Connect" if record else None


def _asterisk(node: Node) -> str | None:
    lines = (_text(node, name).encode(errors="replace") for name in ("line", "message", "log"))
    return "lines of a queue_log, as log shippers send them" if any(map(_QUEUE_LOG.match, lines)) else None


def _twilio(node: Node) -> str | None:
    if _starts(node, "type", "com.twilio.taskrouter."):
        return "Twilio's event streams"
    callback = _is_text(node, "EventType") and (_is_text(node, "WorkspaceSid") or _is_text(node, "TaskSid"))
    return "event callbacks of TaskRouter as JSON" if callback else None


def _genesys(node: Node) -> str | None:
    inner = node.node("detail") if "topicName" not in node else node
    if _starts(inner, "topicName", "v2.", "channel.") or _starts(node, "source", "aws.partner/genesys.com"):
        return "events of Genesys Cloud"
    if isinstance(node.raw("conversations"), list):
        node = node.node("conversations")
    found = "conversationId" in node and "participants" in node
    return "conversation details of Genesys Cloud" if found else None


def _chatwoot(node: Node) -> str | None:
    return "webhooks of Chatwoot" if _starts(node, "event", *_CHATWOOT) else None


def _zendesk(node: Node) -> str | None:
    if _starts(node, "type", "zen:event-type:"):
        return "webhooks of Zendesk"
    if _starts(node, "source", "aws.partner/zendesk.com") or "ticket_event" in node.node("detail"):
        return "Zendesk's events of EventBridge"
    if isinstance(node.raw("satisfaction_rating"), dict) or isinstance(node.raw("satisfaction_ratings"), list):
        return "satisfaction ratings of Zendesk"
    if isinstance(node.raw("ticket_metric_events"), list):
        node = node.node("ticket_metric_events")
    return "ticket metric events of Zendesk" if "ticket_id" in node and "metric" in node else None


def _intercom(node: Node) -> str | None:
    return "webhooks of Intercom" if node.raw("type") == "notification_event" else None


def _surveys(node: Node) -> str | None:
    if node.raw("event_type") == _TYPEFORM or _TYPEFORM in node:
        return "webhooks of Typeform"
    if _starts(node, "event_type", _DELIGHTED) or ("survey_type" in node and "score" in node):
        return "answers of Delighted"
    answer = node.node("data") if isinstance(node.raw("data"), list) else node
    monkey = "respondent_id" in node or ("survey_id" in answer and "pages" in answer)
    webhook = _starts(node, "event_type", "response_") and ("object_type" in node or "resources" in node)
    return "answers of SurveyMonkey" if monkey or webhook else None


_MARKS: dict[Callable[[Node], str | None], str] = {
    _ours: OURS,
    _amazon_connect: "amazon_connect",
    _asterisk: "asterisk",
    _twilio: "twilio",
    _genesys: "genesys",
    _chatwoot: "chatwoot",
    _zendesk: "zendesk",
    _intercom: "intercom",
    _surveys: "surveys",
}
"""Asked in this order: what says whose it is, by the platform."""


def _text(node: Node, name: str) -> str:
    told = node.raw(name)
    return told if isinstance(told, str) else ""


def _is_text(node: Node, name: str) -> bool:
    return bool(_text(node, name))


def _starts(node: Node, name: str, *prefixes: str) -> bool:
    return _text(node, name).startswith(prefixes)


def _words(text: bytes) -> str:
    """What a payload is that is no JSON, in a few words: its own, when they are words."""
    if not text:
        return "nothing"
    try:
        words = text.split(b"\n", 1)[0].strip().decode()
    except UnicodeDecodeError:
        return "bytes that are no text"
    return f"lines such as {_short(words)!r}" if words.isprintable() else "bytes that are no text"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else text[: SHOWN_TEXT - 1] + "…"
