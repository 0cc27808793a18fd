"""What each figure is made of: the measures above and below its line. Formula, numerator, denominator derive from it.

A figure's *definition* is the docstring of its function (`figures`, `outcomes` and so on); that both say the
same is tested. Terms are names of measures (`named`) with a sign; two that are no measure are counted at the instant:
`waiting_past_threshold` (segments) and `overdue` (threads without a first response).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stream.core.figures import common as figures
from stream.core.figures import customer_row, customers, outcomes, quantiles, row, surveys
from stream.core.figures import service_level as levels
from stream.core.figures.definition import definition
from stream.core.figures.measure_words import WORDS
from stream.core.named import CODE_OF

Terms = tuple[tuple[int, str], ...]
"""(sign, measure)."""

LIVE = ("waiting_past_threshold", "overdue")
FIRST_CONTACTS = ("first_contacts", "resolved_contacts", "repeated_contacts")
ONLY_IN_CUSTOMERS = frozenset({*FIRST_CONTACTS, "identified", "repeats", *customer_row.SURVEY_MEASURES})
IN_CUSTOMERS = ONLY_IN_CUSTOMERS | {"bot_contained"}
"""Measures that customers' shards count, some of them alone; all others are counted where interactions are."""

OF_CHANNELS = frozenset({*row.INTERACTION_MEASURES, *FIRST_CONTACTS, "unidentified"})
"""Measures that belong to a channel as a whole and to no queue."""
OF_CUSTOMERS = frozenset(
    {"repeats_caused", *customer_row.MEASURES, *(figure.__name__ for figure in customer_row.FIGURES)}
)
"""Keys within a row's `customers`."""
OF_SURVEYS = frozenset({*customer_row.SURVEY_MEASURES, *(figure.__name__ for figure in customer_row.SURVEY_FIGURES)})
"""Of these, those that rows of queues have too, and that are made of interactions: what answers are about."""


class Figure(NamedTuple):
    """One figure, in one variant. `denominator` (): a plain count. `per`, `times`: what the ratio is divided by for the
    unit, and the numerator multiplied.

    `population`: for quantiles, of which values; numerator and denominator are then how many there are.
    """

    name: str
    unit: str
    numerator: Terms
    denominator: Terms
    definition: str
    variant: str | None = None
    per: int = 1
    population: str | None = None
    times: int = 1

    @property
    def key(self) -> str:
        """How to ask for it: the name, and the variant behind a dot."""
        return self.name if self.variant is None else f"{self.name}.{self.variant}"

    @property
    def terms(self) -> tuple[str, ...]:
        """The measures of it, each once."""
        return tuple(dict.fromkeys(name for _, name in self.numerator + self.denominator))

    @property
    def formula(self) -> str:
        """The formula in the names of measures.

        >>> FIGURES["abandonment"].formula, FIGURES["asa_seconds"].formula
        ('(abandoned - short_abandoned) / (answered + abandoned - short_abandoned)', 'wait_ms / answered / 1000')
        """
        if self.population is not None:
            return f"{self.variant} of {self.population}, nearest rank, of {self.denominator[0][1]}"
        above, below = written(self.numerator), written(self.denominator)
        if not below:
            return above
        times = f"{self.times} x " if self.times != 1 else ""
        return f"{times}{_inside(above)} / {_inside(below)}" + (f" / {self.per}" if self.per != 1 else "")

    def value(self, counts: Mapping[str, int]) -> float | None:
        """The figure of summed measures; None when there is nothing to divide by. Not for quantiles.

        >>> FIGURES["asa_seconds"].value({"wait_ms": 96_000, "answered": 8}), FIGURES["offered"].value({})
        (12.0, 0)
        """
        above = total(self.numerator, counts)
        if not self.denominator:
            return above
        share = levels.ratio(self.times * above, total(self.denominator, counts))
        return None if share is None else share / self.per


def total(terms: Terms, counts: Mapping[str, int]) -> int:
    """The sum of terms.

    >>> total(((1, "abandoned"), (-1, "short_abandoned")), {"abandoned": 5, "short_abandoned": 2})
    3
    """
    return sum(sign * counts.get(name, 0) for sign, name in terms)


def written(terms: Terms) -> str:
    """Terms as text."""
    first, *rest = terms or ((1, ""),)
    return first[1] + "".join(f" {'+' if sign > 0 else '-'} {name}" for sign, name in rest)


def _inside(text: str) -> str:
    return f"({text})" if " " in text else text


def _terms(text: str) -> Terms:
    signs = {"+": 1, "-": -1}
    words = ("+ " + text).split() if text else []
    return tuple((signs[sign], name) for sign, name in zip(words[::2], words[1::2], strict=True))


def _definition(function: Callable[..., Any]) -> str:
    return definition(function).short


_FORCED = " + ".join(["timed_out", *(f"flowed_out_by.{outcome}" for outcome in levels.FORCED_OUTCOMES)])
_SECONDS = {
    figures.asa_seconds: ("wait_ms", "answered"),
    figures.aht_seconds: ("handle_ms", "handled"),
    figures.first_response_seconds: ("first_response_ms", "first_response"),
    figures.next_response_seconds: ("next_response_ms", "next_response"),
    figures.resolution_seconds: ("resolution_ms", "resolution"),
}
_RATIOS: dict[Callable[..., Any], tuple[str, str]] = {
    levels.service_level_live: ("in_threshold", "answered + abandoned - short_abandoned + waiting_past_threshold"),
    figures.abandonment: ("abandoned - short_abandoned", "answered + abandoned - short_abandoned"),
    figures.forced_out_rate: (_FORCED, "offered"),
    figures.response_level: ("first_response_in_threshold", "first_response"),
    figures.response_level_live: ("first_response_in_threshold", "first_response + overdue"),
    figures.transfer_rate: ("transferred", "handled"),
    figures.hold_rate: ("held", "handled"),
    outcomes.reopen_rate: ("reopened", "ended"),
    outcomes.resolution_rate: ("resolved", "resolved_known"),
    outcomes.containment: ("bot_contained", "bot_interactions"),
    outcomes.repeat_inflow: ("repeats", "identified"),
}
_OF_CUSTOMERS: dict[Callable[..., Any], tuple[str, str, str, int]] = {
    surveys.nps: ("points", "nps_promoters - nps_detractors", "nps_answers", 100),
    surveys.csat: ("ratio", "csat_satisfied", "csat_answers", 1),
    surveys.csat_mean: ("points", "csat_sum", "csat_answers", 1),
    surveys.ces: ("points", "ces_sum", "ces_answers", 1),
    surveys.complaints_per_1000: ("complaints", "complaints", "interactions_started", 1000),
    surveys.reviews_mean: ("stars", "reviews_sum", "reviews", 1),
    surveys.bad_review_share: ("ratio", "bad_reviews", "reviews", 1),
    customers.churn: ("ratio", "customers_left", "customers_at_start", 1),
    customers.early_churn: ("ratio", "left_early", "customers_joined", 1),
    customers.retention: ("ratio", "customers_kept", "customers_at_start", 1),
    customers.return_rate: ("ratio", "orders_returned", "orders", 1),
    customers.repeat_purchase: ("ratio", "repeat_buyers", "buyers", 1),
}
_LEVELS = {
    "answered_only": ("in_threshold", "answered"),
    "abandons_negative": ("in_threshold", "answered + abandoned"),
    "abandons_positive": ("in_threshold + abandoned_in_threshold", "answered + abandoned"),
    "early_abandons_excluded": ("in_threshold", "answered + abandoned - abandoned_in_threshold"),
    "short_abandons_credited": ("in_threshold + short_abandoned", "answered + abandoned"),
    "short_abandons_excluded": ("in_threshold", "answered + abandoned - short_abandoned"),
    "with_flowouts": ("in_threshold", "answered + abandoned + flowed_out"),
    "strict": ("in_threshold", f"answered + abandoned - short_abandoned + {_FORCED}"),
}
_QUANTILES = {
    quantiles.wait_quantile_seconds: ("wait_ms", "answered"),
    quantiles.handle_quantile_seconds: ("handle_ms", "handled"),
    quantiles.first_response_quantile_seconds: ("first_response_ms", "first_response"),
}
STAGES = ("provisional", "matured")
OF_FCR = {"fcr": "ratio", "repeat_rate": "repeat_rate"}
"""Figures of first contacts -> their key in a row's `fcr`, stage by stage."""
_FCR = {
    ("fcr", outcomes.fcr_ratio): ("resolved_contacts", "first_contacts"),
    ("repeat_rate", outcomes.repeat_rate): ("repeated_contacts", "first_contacts"),
}
DEFAULTS = {
    "service_level": levels.DEFAULT_VARIANT,
    **{function.__name__: "p50" for function in _QUANTILES},
    **{name: "provisional" for name, _ in _FCR},
}
"""The variant of a name alone."""


def _table() -> list[Figure]:
    table = [
        *(Figure(f.__name__, "seconds", _terms(up), _terms(low), _definition(f), per=1000)
          for f, (up, low) in _SECONDS.items()),
        *(Figure(f.__name__, "ratio", _terms(up), _terms(low), _definition(f)) for f, (up, low) in _RATIOS.items()),
        *(Figure("service_level", "ratio", _terms(up), _terms(low), _definition(levels.VARIANTS[variant]), variant)
          for variant, (up, low) in _LEVELS.items()),
        *(Figure(f.__name__, "seconds", (), _terms(count), _definition(f), quantile, population=values)
          for f, (values, count) in _QUANTILES.items() for quantile in quantiles.QUANTILES),
        *(Figure(name, "ratio", _terms(up), _terms(low), _definition(f), stage)
          for (name, f), (up, low) in _FCR.items() for stage in STAGES),
        *(Figure(f.__name__, unit, _terms(up), _terms(low), _definition(f), times=times)
          for f, (unit, up, low, times) in _OF_CUSTOMERS.items()),
    ]  # fmt: skip
    shown = {*row.SEGMENT_MEASURES, "repeats_caused", *OF_CHANNELS, *customer_row.MEASURES}
    for measure in (name for name in CODE_OF if name in shown or "." in name):
        unit = "milliseconds" if measure.endswith("_ms") else "count"
        words = WORDS[measure.split(".")[0]]
        table.append(Figure(measure, unit, _terms(measure), (), words))
    return table


FIGURES: dict[str, Figure] = {figure.key: figure for figure in _table()}
"""All figures and measures, by their keys."""


def figure(asked: str) -> Figure | None:
    """The figure of a name: with its variant, or its default one; `_seconds` may be left out. None: there is none.

    >>> [found.key for found in map(figure, ("asa", "service_level", "wait_quantile.p95", "fcr")) if found]
    ['asa_seconds', 'service_level.short_abandons_excluded', 'wait_quantile_seconds.p95', 'fcr.provisional']
    """
    name, dot, variant = asked.partition(".")
    for full in (name, f"{name}_seconds"):
        key = f"{full}.{variant}" if dot else f"{full}.{DEFAULTS[full]}" if full in DEFAULTS else full
        if key in FIGURES:
            return FIGURES[key]
    return None


def variants(of: Figure) -> list[Figure]:
    """All figures of that name; [] when it has no variants."""
    return [] if of.variant is None else [other for other in FIGURES.values() if other.name == of.name]
