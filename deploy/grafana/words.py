"""Words and colours of states, the same on every board.

The colours are of Okabe and Ito's palette, which colour-blind people tell apart. A colour never stands alone: where it
is, its word is.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode, ValueMap, ValueMappingResult

from stream.core.sla.state import STATES

GOOD, WARNING, BAD, OFF = "#009E73", "#F0E442", "#D55E00", "#4D4D4D"
NO_COLOUR, TARGET = "transparent", "#9E9E9E"
SLA_COLOURS = dict(zip(STATES, (GOOD, WARNING, BAD, OFF), strict=True))
"""Of the states of a queue."""


def mapped(*states: tuple[float, str, str]) -> ValueMap:
    """Values as words in colours: (value, word, colour) each."""
    return ValueMap(
        {
            f"{value:g}": ValueMappingResult(text=word, color=colour, index=place)
            for place, (value, word, colour) in enumerate(states)
        }
    )


def sla_states() -> ValueMap:
    """`contact_center_queue_sla_state` in words."""
    words = [(number, state.replace("_", " "), SLA_COLOURS[state]) for number, state in enumerate(STATES)]
    return mapped(*words)


def steps(*of: tuple[float | None, str]) -> ThresholdsConfig:
    """Colours from values on: (from, colour) each, the first from None."""
    made = [Threshold(value=start, color=colour) for start, colour in of]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(made)


def from_first(colour: str) -> ThresholdsConfig:
    """No colour at 0, this one from 1 on."""
    return steps((None, NO_COLOUR), (1, colour))


def good_above(bad: float, warning: float) -> ThresholdsConfig:
    """Bad, from `bad` on a warning, from `warning` on good."""
    return steps((None, BAD), (bad, WARNING), (warning, GOOD))
