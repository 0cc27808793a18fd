"""Who sent a webhook: each vendor's own signature, as its documentation says. Pure: no clock, nothing is remembered.

A signature is compared as text, in a time that does not tell how much of it is right: one that is spelt otherwise is
another one. What is shown must all be right: a wrong signature beside a right one is refused.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl

from stream.serve.inbox.told import Told

_MOST_FIELDS = 1000
_NEVER = float("-inf")


class Proof(NamedTuple):
    """That a request is the vendor's. `digest`: the same for the same request sent again, for no other.

    `at`: the signed time of sending, in seconds since the epoch; -inf when it cannot be read; None: none is signed.
    """

    digest: bytes
    at: float | None = None


def proof(vendor: str, told: Told, keys: Iterable[bytes]) -> Proof | None:
    """What shows that the request is of who knows one of the keys; None: nothing does."""
    check = CHECKS[vendor]
    return next((found for key in keys if (found := check(told, key)) is not None), None)


def _twilio(told: Told, key: bytes) -> Proof | None:
    """Base64 of HMAC-SHA1 of the URL and the sorted fields; of a body that is no form, its hash is in the query."""
    shown = told.one(b"x-twilio-signature")
    if shown is None:
        return None
    if b"bodySHA256=" in told.query:
        hashes = parse_qs(told.query).get(b"bodySHA256", [])
        if len(hashes) != 1 or not _same(sha256(told.body).hexdigest().encode(), hashes[0]):
            return None
        fields = b""
    else:
        try:
            pairs = _fields(told.body)
        except ValueError:
            return None
        if not pairs:
            return None  # a signature of the URL alone says nothing of the body
        fields = "".join(name + value for name, value in sorted(set(pairs))).encode("latin-1")
    for url in told.urls:
        wanted = b64encode(_hmac(key, "sha1", url.encode(), fields))
        if _same(wanted, shown):
            return Proof(wanted)
    return None


def _fields(body: bytes) -> list[tuple[str, str]]:
    """Names and values of a form, each character a byte. Raises ValueError for far too many."""
    return parse_qsl(
        body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS
    )  # fmt: skip


def _chatwoot(told: Told, key: bytes) -> Proof | None:
    """Hex of HMAC-SHA256 of `TIMESTAMP.BODY`, the timestamp in seconds."""
    at, shown = told.one(b"x-chatwoot-timestamp"), told.one(b"x-chatwoot-signature")
    if at is None or shown is None:
        return None
    wanted = b"sha256=" + _hex(_hmac(key, "sha256", at, b".", told.body))
    return Proof(wanted, float(at) if at.isdigit() else _NEVER) if _same(wanted, shown) else None


def _zendesk(told: Told, key: bytes) -> Proof | None:
    """Base64 of HMAC-SHA256 of timestamp and body, the timestamp in ISO 8601."""
    at, shown = told.one(b"x-zendesk-webhook-signature-timestamp"), told.one(b"x-zendesk-webhook-signature")
    if at is None or shown is None:
        return None
    wanted = b64encode(_hmac(key, "sha256", at, told.body))
    return Proof(wanted, _seconds(at)) if _same(wanted, shown) else None


def _intercom(told: Told, key: bytes) -> Proof | None:
    """Hex of HMAC-SHA1 of the body; beside it, or instead, of HMAC-SHA256."""
    return _all_shown(told, {
        b"x-hub-signature": lambda: [b"sha1=" + _hex(_hmac(key, "sha1", told.body))],
        b"x-hub-signature-256": lambda: [b"sha256=" + _hex(_hmac(key, "sha256", told.body))],
    })  # fmt: skip


def _surveys(told: Told, key: bytes) -> Proof | None:
    """Typeform, Delighted, SurveyMonkey: each has a header of its own. SurveyMonkey's key is `CLIENT_ID&SECRET`."""

    def of_surveymonkey() -> list[bytes]:
        client = told.one(b"sm-apikey")
        whole = key if client is None or b"&" in key else client + b"&" + key
        return [b64encode(_hmac(whole, "sha1", told.body))]

    return _all_shown(told, {
        b"typeform-signature": lambda: [b"sha256=" + b64encode(_hmac(key, "sha256", told.body))],
        b"x-delighted-webhook-signature": lambda: [b"sha256=" + _hex(_hmac(key, "sha256", told.body))],
        b"sm-signature": of_surveymonkey,
    })  # fmt: skip


def _genesys(told: Told, key: bytes) -> Proof | None:
    """Base64 or hex of HMAC-SHA256 of the body where it is sent; else the secret itself."""
    if b"x-hub-signature-256" not in told.headers:
        return _secret_shown(told, key)

    def wanted() -> list[bytes]:
        made = _hmac(key, "sha256", told.body)
        return [b"sha256=" + b64encode(made), b"sha256=" + _hex(made)]

    return _all_shown(told, {b"x-hub-signature-256": wanted})


def _secret_shown(told: Told, key: bytes) -> Proof | None:
    """The secret, as bearer token, as anybody's password, or as `x-api-key`. Nothing is signed."""
    shown = []
    for value in told.headers.get(b"authorization", ()):
        scheme, _, rest = value.partition(b" ")
        shown.append(rest.strip() if scheme.lower() == b"bearer" else _password(scheme, rest))
    shown += told.headers.get(b"x-api-key", ())
    right = [each is not None and _same(sha256(key).digest(), sha256(each).digest()) for each in shown]
    return Proof(sha256(told.body).digest()) if right and all(right) else None


def _password(scheme: bytes, pair: bytes) -> bytes | None:
    try:
        return b64decode(pair, validate=True).partition(b":")[2] if scheme.lower() == b"basic" else None
    except NotBase64:
        return None


def _all_shown(told: Told, known: dict[bytes, Callable[[], list[bytes]]]) -> Proof | None:
    """The proof of requests with one of several signatures, each of which may be spelt in several ways."""
    found = [name for name in known if name in told.headers]
    for name in found:
        wanted, shown = known[name](), told.one(name)
        if shown is None or not any(_same(each, shown) for each in wanted):
            return None
    return Proof(sha256(told.body).digest()) if found else None


def _hmac(key: bytes, algorithm: str, *parts: bytes) -> bytes:
    made = hmac.new(key, digestmod=algorithm)
    for part in parts:
        made.update(part)
    return made.digest()


def _hex(digest: bytes) -> bytes:
    return digest.hex().encode()


def _same(wanted: bytes, shown: bytes) -> bool:
    return hmac.compare_digest(wanted, shown)


def _seconds(at: bytes) -> float:
    try:
        moment = datetime.fromisoformat(at.decode("ascii"))
    except ValueError:
        return _NEVER
    return _NEVER if moment.tzinfo is None else moment.timestamp()


CHECKS: dict[str, Callable[[Told, bytes], Proof | None]] = {
    "amazon_connect": _secret_shown,
    "chatwoot": _chatwoot,
    "genesys": _genesys,
    "intercom": _intercom,
    "surveys": _surveys,
    "twilio": _twilio,
    "zendesk": _zendesk,
}
"""Vendor -> whether a request shows the key. Whoever is not here sends no webhooks."""

_OWN = (b"authorization", b"x-api-key")
SHOWN: dict[str, tuple[bytes, ...]] = {
    "amazon_connect": _OWN,
    "chatwoot": (b"x-chatwoot-signature",),
    "genesys": (*_OWN, b"x-hub-signature-256"),
    "intercom": (b"x-hub-signature", b"x-hub-signature-256"),
    "surveys": (b"typeform-signature", b"x-delighted-webhook-signature", b"sm-signature"),
    "twilio": (b"x-twilio-signature",),
    "zendesk": (b"x-zendesk-webhook-signature",),
}
"""Vendor -> headers without any of which nothing can be shown."""
