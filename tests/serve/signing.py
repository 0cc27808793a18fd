"""How vendors sign, written down a second time: nothing of this is of the code that is tested."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlencode

SECRET, OTHER = "a secret of the house", "the secret before that"
HOST = "http://service"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Signed(NamedTuple):
    """A request as a vendor sends it."""

    vendor: str
    body: bytes
    headers: dict[str, str]
    query: str = ""

    @property
    def path(self):
        return f"/in/{self.vendor}" + (f"?{self.query}" if self.query else "")


def mac(algorithm: str, message: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), message, algorithm)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def twilio(n=0, secret=SECRET, at=None, url=f"{HOST}/in/twilio"):
    fields = {
        "EventType": "task.created",
        "Sid": f"EV{n:032x}",
        "TaskAttributes": '{"from": "+49 é", "a": ""}',
        "Empty": "",
    }
    message = url + "".join(name + fields[name] for name in sorted(fields))
    signature = b64(mac("sha1", message.encode(), secret))
    return Signed("twilio", urlencode(fields).encode(), {"X-Twilio-Signature": signature, "Content-Type": FORM})


def twilio_json(n=0, secret=SECRET, at=None, url=f"{HOST}/in/twilio"):
    body = b'[{"id":"EZ%032x","type":"com.twilio.taskrouter.task.created"}]' % n
    query = "bodySHA256=" + hashlib.sha256(body).hexdigest()
    signature = b64(mac("sha1", f"{url}?{query}".encode(), secret))
    return Signed("twilio", body, {"X-Twilio-Signature": signature, "Content-Type": JSON}, query)


def payload(n):
    return b'{"id": "%d", "name": "\xc3\xa9", "of": [1, 2.5, null]}' % n


def chatwoot(n=0, secret=SECRET, at=None):
    stamp = str(int(time.time() if at is None else at))
    signature = mac("sha256", f"{stamp}.".encode() + payload(n), secret).hex()
    headers = {"X-Chatwoot-Signature": f"sha256={signature}", "X-Chatwoot-Timestamp": stamp}
    return Signed("chatwoot", payload(n), headers | {"X-Chatwoot-Delivery": "d", "Content-Type": JSON})


def zendesk(n=0, secret=SECRET, at=None):
    stamp = datetime.fromtimestamp(time.time() if at is None else at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "X-Zendesk-Webhook-Signature": b64(mac("sha256", stamp.encode() + payload(n), secret)),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }
    return Signed("zendesk", payload(n), headers | {"Content-Type": "application/json; charset=utf-8"})


def of_body(vendor, header, algorithm, spell):
    def signed(n=0, secret=SECRET, at=None):
        headers = {header: spell(mac(algorithm, payload(n), secret)), "Content-Type": JSON}
        return Signed(vendor, payload(n), headers)

    return signed


def surveymonkey(n=0, secret=SECRET, at=None):
    signature = b64(mac("sha1", payload(n), f"client-1&{secret}"))
    kind = "application/vnd.surveymonkey.response.v1+json"
    return Signed("surveys", payload(n), {"Sm-Apikey": "client-1", "Sm-Signature": signature, "Content-Type": kind})


def shown(vendor, header, spell):
    def signed(n=0, secret=SECRET, at=None):
        return Signed(vendor, payload(n), {header: spell(secret), "Content-Type": JSON})

    return signed


WAYS: dict[str, Callable[..., Signed]] = {
    "twilio": twilio,
    "twilio_json": twilio_json,
    "chatwoot": chatwoot,
    "zendesk": zendesk,
    "intercom": of_body("intercom", "X-Hub-Signature", "sha1", lambda raw: f"sha1={raw.hex()}"),
    "intercom_256": of_body("intercom", "X-Hub-Signature-256", "sha256", lambda raw: f"sha256={raw.hex()}"),
    "typeform": of_body("surveys", "Typeform-Signature", "sha256", lambda raw: f"sha256={b64(raw)}"),
    "delighted": of_body(
        "surveys", "X-Delighted-Webhook-Signature", "sha256", lambda raw: f"sha256={raw.hex()}"
    ),
    "surveymonkey": surveymonkey,
    "genesys": of_body("genesys", "X-Hub-Signature-256", "sha256", lambda raw: f"sha256={b64(raw)}"),
    "genesys_hex": of_body("genesys", "X-Hub-Signature-256", "sha256", lambda raw: f"sha256={raw.hex()}"),
    "genesys_token": shown("genesys", "Authorization", lambda secret: f"Bearer {secret}"),
    "amazon_connect": shown("amazon_connect", "Authorization", lambda secret: f"Bearer {secret}"),
    "amazon_connect_key": shown("amazon_connect", "X-Api-Key", str),
    "amazon_connect_password": shown(
        "amazon_connect", "Authorization", lambda secret: f"Basic {b64(f'any:{secret}'.encode())}"
    ),
}  # fmt: skip
"""Each way in which a vendor shows who it is: (number, secret, at) -> the request."""
STAMPED = ("chatwoot", "zendesk")
SIGNED = [name for name in WAYS if not name.startswith("amazon_connect") and name != "genesys_token"]
"""Those whose body is signed."""
