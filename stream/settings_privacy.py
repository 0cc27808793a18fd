"""The settings of privacy: the key of pseudonyms, and how long what is known of customers is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from schemas.events import CHANNELS
from schemas.pseudonyms import Pseudonyms
from stream.core.rules import DAY, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

SHORTEST_KEY = 16


def pseudonyms_of(key: SecretStr | None, key_file: str | None) -> Pseudonyms | None:
    """Those of the key that is told, None without. Raises ValueError; its message has no part of the key."""
    if key is not None and key_file is not None:
        raise ValueError("pseudonym_key: it is told twice, here and in pseudonym_key_file")
    if key_file is not None:
        try:
            secret = Path(key_file).read_bytes().strip()
        except OSError as error:
            raise ValueError(f"pseudonym_key_file: {key_file} cannot be read: {error.strerror}") from None
    elif key is not None:
        secret = key.get_secret_value().strip().encode()
    else:
        return None
    if len(secret) < SHORTEST_KEY:
        name = "pseudonym_key" if key_file is None else "pseudonym_key_file"
        raise ValueError(f"{name}: a key has at least {SHORTEST_KEY} characters: take `openssl rand -base64 32`")
    return Pseudonyms(secret)


def strange_keep(closed: Mapping[str, int], opened: int, customers: int, repeat_window: int) -> str | None:
    """What is wrong with the keeps (days), in a line."""
    strange = sorted(set(closed) - set(CHANNELS))
    if strange:
        return f"keep_closed_days: {strange[0]} is no channel; there are {', '.join(CHANNELS)}"
    longest = max(closed.values(), default=0)
    if longest > opened:
        return f"keep_open_days: {opened}, and closed interactions are kept for {longest}: keep open ones as long"
    if customers < repeat_window:
        return (
            f"keep_customers_days: {customers}, and repeats are looked for in {repeat_window} days"
            " (repeat_window_days): keep customers as long"
        )
    return None


def keeping(rules: Rules, closed: Mapping[str, int], opened: int, customers: int) -> Rules:
    """The rules with these keeps (days)."""
    channels = {
        name: msgspec.structs.replace(channel, keep_closed_ms=closed[name] * DAY) if name in closed else channel
        for name, channel in rules.channels.items()
    }
    return msgspec.structs.replace(
        rules, channels=channels, keep_open_ms=opened * DAY, keep_customers_ms=customers * DAY
    )
