"""Payloads of chatwoot → our events."""

from __future__ import annotations

from schemas.rejected import Skipped
from schemas.sources.conversion import Converted
from schemas.sources.options import Options


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    del payload, options
    return Skipped("chatwoot")
