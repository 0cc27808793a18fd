"""What stands beside a dead letter: headers of a record in `dead-letters`, whose key and value are the original's."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from schemas.envelope import Name
from schemas.rejected import Reason

Digits = Annotated[str, Meta(pattern="^[0-9]+$")]


class DeadLetterHeaders(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Headers of a dead letter, in UTF-8: why it was rejected, in one word and in one line, and where it was read.

    `truncated`: the value's length in bytes, where the broker did not take all of it; the value is then its begin.
    """

    reason: Reason
    detail: str
    topic: Name
    partition: Digits
    offset: Digits
    truncated: Digits | None = None
