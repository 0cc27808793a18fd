"""Resume tokens: the positions in all partitions of the topics of a subscription, as one short word for `id:`.

Version, topics (a bit each), bytes of a position (a power of two), by topic how many partitions there are, the
positions, and a checksum that starts from the topics' prefix: big-endian, in base64url.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from struct import Struct
from zlib import crc32

from stream.serve.subscription.catalogue import TOPICS, Positions

VERSION = 1
_HEAD, _CHECK_BYTES = 3, 4
_WIDTHS = "BHIQ"
_MOST_PARTITIONS = (1 << 16) - 1


class BadToken(ValueError):
    """What was told is no token of this service."""


class Tokens:
    """Makes and reads the tokens of a service. Those of another topic prefix are none of ours."""

    def __init__(self, prefix: str) -> None:
        self._seed = crc32(prefix.encode())

    def encode(self, topics: tuple[str, ...], positions: Positions) -> bytes:
        """The token of positions in these topics, which stand in the order of the catalogue.

        >>> Tokens("").encode(("queues.alerts",), ((3, 70_000),))
        b'AQQCAAIAAAADAAERcOLAd_Q'
        """
        flat = [at for each in positions for at in each]
        width = (max(max(flat, default=0).bit_length() - 1, 0) // 8).bit_length()
        counts = tuple(map(len, positions))
        body = _layout(width, counts).pack(VERSION, _bits(topics), width, *counts, *flat)
        check = crc32(body, self._seed).to_bytes(_CHECK_BYTES, "big")
        return urlsafe_b64encode(body + check).rstrip(b"=")

    def decode(self, token: str) -> Mapping[str, tuple[int, ...]]:
        """The positions by topic. Raises BadToken.

        >>> Tokens("").decode("AQQCAAIAAAADAAERcOLAd_Q")
        {'queues.alerts': (3, 70000)}
        """
        try:
            told = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (binascii.Error, UnicodeEncodeError):
            raise BadToken("it is no token") from None
        body, check = told[:-_CHECK_BYTES], told[-_CHECK_BYTES:]
        if len(body) < _HEAD or urlsafe_b64encode(told).rstrip(b"=") != token.encode():
            raise BadToken("it is no token")
        version, bits, width = body[:_HEAD]
        if version != VERSION:
            raise BadToken(f"it is a token of another version, {version}")
        if crc32(body, self._seed).to_bytes(_CHECK_BYTES, "big") != check:
            raise BadToken("it is damaged, or a token of another installation")
        topics = [topic for place, topic in enumerate(TOPICS) if bits >> place & 1]
        if bits >> len(TOPICS) or width >= len(_WIDTHS) or len(body) < _HEAD + 2 * len(topics):
            raise BadToken("it is of topics that this service does not know")
        counts = Struct(f">{len(topics)}H").unpack_from(body, _HEAD)
        layout = _layout(width, counts)
        if layout.size != len(body):
            raise BadToken("it is not whole")
        flat = iter(layout.unpack(body)[_HEAD + len(topics) :])
        return {topic: tuple(next(flat) for _ in range(count)) for topic, count in zip(topics, counts, strict=True)}


@lru_cache(64)
def _layout(width: int, counts: tuple[int, ...]) -> Struct:
    return Struct(f">BBB{len(counts)}H{sum(counts)}{_WIDTHS[width]}")


@lru_cache(64)
def _bits(topics: tuple[str, ...]) -> int:
    return sum(1 << TOPICS.index(topic) for topic in topics)
