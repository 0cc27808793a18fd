"""The settings of what we send: how surely each event comes once, and whether each interaction event is enriched."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

Delivery = Literal["exactly_once", "at_least_once"]


class OutputSettings(BaseSettings):
    """What downstream gets, and how often."""

    delivery: Delivery | None = Field(
        None,
        description="How derived events are sent: `exactly_once` in transactions of Kafka, `at_least_once` without."
        " Unset: exactly once where the broker can. The same for all workers.",
    )
    enriched: bool = Field(True, description="Write each applied interaction event to `interactions.enriched`.")
