"""The settings of alerts: from when on a queue's service level is at risk or breached."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from stream.core.sla.state import SlaRules
from stream.settings_rules import Seconds, Share, window_name


class Alerting(BaseSettings):
    """When alerts are raised and how long they stay."""

    alert_window: Annotated[str, AfterValidator(window_name)] = Field(
        "30m", description="Window of the live service level that alerts, tiles and states look at."
    )
    alert_minimum_sample: int = Field(20, ge=1, description="Fewer in the denominator never make a breach.")
    alert_margin: Share = Field(0.05, description="A level so little above its target, or less, is at risk.")
    alert_waited_share: float = Field(
        0.75, gt=0, allow_inf_nan=False, description="A wait of more than this share of its threshold is at risk."
    )
    alert_hysteresis_seconds: Seconds = Field(
        60, description="So long it must be better before a state gets better; worse shows at once."
    )
    forecast_worst_error: Share = Field(
        0.2, description="A queue whose forecasts of its service level were off by more than this shows none."
    )
    input_silence_seconds: Seconds = Field(
        900, gt=0,
        description="So long without an event of a live channel is a silent input, while its queues are open and 10"
        " interactions should have come.",
    )  # fmt: skip

    def sla_rules(self) -> SlaRules:
        """The rules of the state machine."""
        return SlaRules(
            minimum_sample=self.alert_minimum_sample,
            margin=self.alert_margin,
            waited_share=self.alert_waited_share,
            hysteresis_ms=round(self.alert_hysteresis_seconds * 1000),
        )
