"""Pseudonyms: who a customer is, without saying it. Put in the place of ids and aliases where bytes become events.

HMAC-SHA-256 with a secret key, of which the first 128 bits are told (RFC 2104 allows half), after `p:` and three
characters that tell one key from another. What is a pseudonym of the key already stays as it is.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemas.events import Identified
from schemas.rejected import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemas.codec import Decode
    from schemas.events import Event
    from schemas.topics import TopicSpec

PREFIX = "p:"
_TAG, _BYTES, _REMEMBERED = 3, 16, 100_000
LENGTH = len(PREFIX) + _TAG + 22


class Pseudonyms:
    """Those of one key. `digest` tells the key from others and gives nothing of it away."""

    def __init__(self, key: bytes) -> None:
        self.digest = _text(hmac.digest(key, b"centralino: which key", "sha256"))
        self._prefix = PREFIX + self.digest[:_TAG]
        self._key = key
        self.of: Callable[[str], str] = lru_cache(_REMEMBERED)(self._of)

    def _of(self, name: str) -> str:
        """The pseudonym of an id or alias.

        >>> pseudonyms = Pseudonyms(b"a secret of the house")
        >>> name = pseudonyms.of("c-1042"); name, pseudonyms.of(name) == name, pseudonyms.made(name)
        ('p:b4i_zrQzUgYZQOTbr-hDyhpBA', True, True)
        """
        if self.made(name):
            return name
        return self._prefix + _text(hmac.digest(self._key, name.encode(), "sha256")[:_BYTES])

    def made(self, name: str) -> bool:
        """Whether it is a pseudonym of this key."""
        return len(name) == LENGTH and name.startswith(self._prefix)

    def decoder(self, spec: TopicSpec, decode: Decode) -> Decode:
        """The decoder of a topic, with pseudonyms in its events.

        The record's key is compared with the raw id before. On `customers.timeline`, which only we write to, an id that
        is no pseudonym of the key was written before there was one, and is skipped.
        """
        match spec.family:
            case "interaction" | "customer":
                return self._replacing(decode)
            case "timeline":
                return self._only_made(decode)
        return decode

    def _replacing(self, decode: Decode) -> Decode:
        of = self.of

        def decode_record(key: bytes | None, value: bytes | None, timestamp_ms: int) -> Event | Skipped:
            event: Any = decode(key, value, timestamp_ms)
            if type(event) is not Skipped:
                data = event.data
                if data.customer_id is not None:
                    data.customer_id = of(data.customer_id)
                if type(event) is Identified:
                    data.aliases = [of(alias) for alias in data.aliases]
            return event  # type: ignore[no-any-return]

        return decode_record

    def _only_made(self, decode: Decode) -> Decode:
        made = self.made

        def decode_record(key: bytes | None, value: bytes | None, timestamp_ms: int) -> Event | Skipped:
            event: Any = decode(key, value, timestamp_ms)
            if type(event) is Skipped or made(event.data.customer_id):
                return event  # type: ignore[no-any-return]
            return Skipped(str(type(event).__struct_config__.tag))

        return decode_record


def _text(told: bytes) -> str:
    return urlsafe_b64encode(told).decode().rstrip("=")
