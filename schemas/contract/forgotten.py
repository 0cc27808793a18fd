"""What those who keep copies of ours are told of a customer who wants to be forgotten.

The event is `schemas.customers.CustomerForgotten`; what only our own shards tell each other in it is no part of this.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from schemas.envelope import EntityId, Envelope


class ForgottenData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Whom: an id or an alias, as sources write it, or its pseudonym where a key of pseudonyms is set."""

    customer_id: EntityId


class Forgotten(Envelope, tag="customer.forgotten"):
    """Delete what you know of the customer up to `time`. `centralino forget` sends it."""

    source: Literal["centralino forget"]
    data: ForgottenData
