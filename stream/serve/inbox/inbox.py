"""`/in/<vendor>`: who may send, what is taken, what is answered. 2xx only once Kafka has it for good.

What is signed goes to Kafka as it came, also what no adapter will understand: a dead letter shows it better than a
vendor's log of failed deliveries.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import structlog
from starlette.responses import Response

from schemas.sources.payload import MAX_BYTES
from stream.serve.inbox.body import NoBody, Room
from stream.serve.inbox.counts import Counts
from stream.serve.inbox.memory import Memory
from stream.serve.inbox.proof import CHECKS, SHOWN, Proof, proof
from stream.serve.inbox.sender import Sender, TooLarge, Unavailable
from stream.serve.inbox.told import Told, headers, urls
from stream.serve.reply import reply

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from starlette.types import Receive, Scope, Send

    from stream.settings import Settings

UNDER = "/in/"
SKEW_SECONDS = 300.0
"""So far a signed time may be from ours, before or after."""
BODY_SECONDS = 5.0
HELD_BYTES = 64 * 1024 * 1024
_STAMPED_LIFE, _LIFE = 2 * SKEW_SECONDS, 3600.0
_SAY_AGAIN_SECONDS = 60.0
_ASKED_FIRST = ("intercom", "surveys")
"""Who asks with HEAD (SurveyMonkey with GET too) whether somebody is there, before it sends."""
_JSON = re.compile(rb"application/([\w.+-]+\+)?json", re.IGNORECASE)
_FORM = b"application/x-www-form-urlencoded"
_log = structlog.get_logger()


class Answer(NamedTuple):
    """What is told the sender, and as what it is counted."""

    result: str
    status: int
    error: str = ""
    hint: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed

    def response(self) -> Response:
        """As JSON."""
        content = {"error": self.error, "hint": self.hint} if self.error else {"status": "accepted"}
        return reply(content, self.status, self.headers)


_LEAVE = {"connection": "close"}
_LATER = {"retry-after": "5"}
_ACCEPTED = Answer("accepted", 200)
_REPEATED = Answer("repeated", 409, "this request was taken before", "nothing is lost, and nothing is to be sent again")
_UNSIGNED = Answer(
    "unsigned", 401, "no right signature", "sign with the secret of the settings; docs/security.md says how"
)
_STALE = Answer("stale", 401, "it was signed too long ago, or ahead of our time", "compare the clocks; sign it anew")
_UNAVAILABLE = Answer("unavailable", 503, "kafka does not take it now", "nothing was taken: send it again", _LATER)
_TOO_LARGE = Answer("too_large", 413, "the body is too large", f"a payload has at most {MAX_BYTES} bytes", _LEAVE)
_EMPTY = Answer("malformed", 400, "there is no body", "send the payload as it is")
_ENCODED = Answer("malformed", 415, "the body is encoded", "send it without content-encoding")
_NO_BODY = {
    "too_large": _TOO_LARGE,
    "slow": Answer("malformed", 408, "the body did not come in time", "send it again, in one piece", _LEAVE),
    "gone": Answer("malformed", 400, "the sender has gone", "send it again"),
    "busy": Answer("unavailable", 503, "too much is sent at once", "send it again later", _LATER | _LEAVE),
}


class Inbox:
    """The ASGI application behind the route. `wall`: seconds since the epoch, whatever the setting `clock` says."""

    def __init__(self, settings: Settings, redis: Redis, counts: Counts, wall: Callable[[], float] = time.time) -> None:
        self._keys = {vendor: settings.source(vendor).keys() for vendor in CHECKS}
        self._urls = {vendor: settings.source(vendor).url for vendor in CHECKS}
        self._counts, self._wall = counts, wall
        self._memory = Memory(redis, settings.key_prefix)
        self._sender = Sender(settings)
        self._room = Room(HELD_BYTES)
        self._under_way: dict[bytes, asyncio.Future[Answer]] = {}
        self._say_at: dict[tuple[str, str], float] = {}

    async def close(self) -> None:
        """Let go of Kafka."""
        await self._sender.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        vendor = scope["path_params"]["vendor"]
        if vendor not in CHECKS:
            known = f"there are {', '.join(UNDER + each for each in CHECKS)}"
            hint = "its log is read by `centralino tail`" if vendor == "asterisk" else known
            await reply({"error": f"there is no {UNDER}{vendor}", "hint": hint}, 404)(scope, receive, send)
        elif vendor in _ASKED_FIRST and scope["method"] in ("HEAD", "GET") and self._keys[vendor]:
            await Response(headers={"cache-control": "no-store"})(scope, receive, send)
        else:
            answer = self._at_sight(vendor, scope) or await self._read(vendor, scope, receive)
            self._counts.add(vendor, answer.result)
            self._say(vendor, answer, scope)
            await answer.response()(scope, receive, send)

    def _at_sight(self, vendor: str, scope: Scope) -> Answer | None:
        """What is wrong without a look at the body."""
        told = headers(scope)
        if not self._keys[vendor]:
            hint = f"set sources.{vendor}.secrets or secrets_file (docs/security.md)"
            return Answer("closed", 403, f"nobody may send webhooks of {vendor} here", hint, _LEAVE)
        if scope["method"] != "POST":
            allowed = {"allow": "POST, HEAD, GET" if vendor in _ASKED_FIRST else "POST"}
            return Answer("malformed", 405, f"webhooks come by POST, not by {scope['method']}", "use POST", allowed)
        if any(each.lower() != b"identity" for each in told.get(b"content-encoding", ())):
            return _ENCODED
        kind = next(iter(told.get(b"content-type", ())), b"").partition(b";")[0].strip()
        if not (_JSON.fullmatch(kind) or (vendor == "twilio" and kind.lower() == _FORM)):
            wanted = "application/json" + (f" or {_FORM.decode()}" if vendor == "twilio" else "")
            return Answer("malformed", 415, "the body is of another kind", f"its content-type is {wanted}", _LEAVE)
        length = next(iter(told.get(b"content-length", ())), b"0")
        if length.isdigit() and int(length) > MAX_BYTES:
            return _TOO_LARGE
        return None if any(name in told for name in SHOWN[vendor]) else _UNSIGNED._replace(headers=_LEAVE)

    async def _read(self, vendor: str, scope: Scope, receive: Receive) -> Answer:
        try:
            async with self._room.body(receive, MAX_BYTES, BODY_SECONDS) as body:
                if not body:
                    return _EMPTY
                told = Told(headers(scope), body, scope.get("query_string", b""), urls(scope, self._urls[vendor]))
                found = proof(vendor, told, self._keys[vendor])
                if found is None:
                    return _UNSIGNED
                if found.at is not None and abs(self._wall() - found.at) > SKEW_SECONDS:
                    return _STALE
                return await self._once(vendor, found, body)
        except NoBody as missing:
            return _NO_BODY[missing.why]

    async def _once(self, vendor: str, found: Proof, body: bytes) -> Answer:
        """Send it, unless it was; of requests that come twice at once, the second gets what becomes of the first."""
        digest = sha256(vendor.encode() + b":" + found.digest).digest()
        twin = self._under_way.get(digest)
        if twin is not None:
            answer = await asyncio.shield(twin)
            return _REPEATED if answer is _ACCEPTED else answer
        outcome = self._under_way[digest] = asyncio.get_running_loop().create_future()
        answer = _UNAVAILABLE
        try:
            answer = await self._send(vendor, digest, body, _LIFE if found.at is None else _STAMPED_LIFE)
        finally:
            del self._under_way[digest]
            outcome.set_result(answer)
        return answer

    async def _send(self, vendor: str, digest: bytes, body: bytes, life: float) -> Answer:
        if await self._memory.knows(digest):
            return _REPEATED
        try:
            await self._sender.send(f"sources.{vendor}", body)
        except Unavailable:
            return _UNAVAILABLE
        except TooLarge:
            return _TOO_LARGE
        await self._memory.learn(digest, life)
        return _ACCEPTED

    def _say(self, vendor: str, answer: Answer, scope: Scope) -> None:
        """Log what is refused, once a minute for each kind, without anything of the request but where it went."""
        now, of = time.monotonic(), (vendor, answer.result)
        if answer.result not in ("accepted", "repeated") and now >= self._say_at.get(of, now):
            self._say_at[of] = now + _SAY_AGAIN_SECONDS
            tried = [url.partition("?")[0] for url in urls(scope, self._urls[vendor])] if vendor == "twilio" else []
            _log.warning(
                "webhooks are not taken", vendor=vendor, result=answer.result, error=answer.error,
                **({"urls_tried": tried} if answer.result == "unsigned" and tried else {}),
            )  # fmt: skip
