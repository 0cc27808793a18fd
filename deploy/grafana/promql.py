"""Queries, by the catalogue of metrics: labels and twins are looked up there, so that no query can name what is not.

Any number of services show the same figures, each as a target of its own. So a figure is always the greatest over its
targets (`max by` its own labels), never a sum of them; what a worker says is that worker's alone and is summed.

The service's counters are kept in Redis: a restart does not begin at 0, and only a store that was put back to an older
copy, or a correction, makes the truth fall. So they are looked at as levels (`delta`, `deriv`); `increase` and `rate`
would take a fall for a restart and count all again. They are right for a worker's own counters.
"""

from __future__ import annotations

from collections.abc import Sequence

from stream.core.figures.metrics import METRICS

MATCHED = {"channel": "$channel", "queue": "$queue", "window": "$window"}
"""Label -> the variable that chooses its values, unless a query names the value."""
SMOOTHED = "15m"
"""What rates are taken over: long enough that one more call in an hour is no spike."""


def now(metric: str, *, variables: dict[str, str] | None = None, only: str = "", **fixed: str) -> str:
    """A gauge, one series for each of its labels that `fixed` leaves open.

    `variables`: others than `MATCHED`. `only`: one more matcher.

    >>> now("contact_center_queue_agents", state="staffed")
    'max by (channel, queue) (contact_center_queue_agents{channel=~"$channel", queue=~"$queue", state="staffed"})'
    """
    return _max(_by(metric, fixed), metric + _selected(metric, variables, fixed, only))


def quantile(metric: str, q: str) -> str:
    """One quantile of a summary."""
    return _max(_by(metric, {}), metric + _selected(metric, None, {}, f'quantile="{q}"'))


def gained(metric: str, *, suffix: str = "", add: str = "", **fixed: str) -> str:
    """How much a counter rose in `SMOOTHED`, less what was taken back; `add`: a label beside the catalogue's, as `le`.

    >>> gained("contact_center_segments_total", channel="chat", queue="web", outcome="offered").partition(" - ")[0]
    'max by () (delta(contact_center_segments_total{channel="chat", queue="web", outcome="offered"}[15m])'
    """
    labels = [*_by(metric, fixed), *([add] if add else [])]
    selected = _selected(metric, None, fixed)
    plus, minus = (f"delta({name}{suffix}{selected}[{SMOOTHED}])" for name in (metric, twin(metric)))
    return _max(labels, f"{plus} - {minus}")


def risen(metric: str, over: str = "$__rate_interval", *, a_second: bool = False, **fixed: str) -> str:
    """How much a counter of the service rose in so long, or how fast, twins left alone. No variable chooses.

    >>> risen("stream_late_total", "1h")
    'max by () (delta(stream_late_total[1h]))'
    """
    function = "deriv" if a_second else "delta"
    return _max(_by(metric, fixed), f"{function}({metric}{_selected(metric, {}, fixed)}[{over}])")


def twin(metric: str) -> str:
    """The counter of what is taken back.

    >>> twin("contact_center_segments_total"), twin("contact_center_wait_seconds")
    ('contact_center_segments_retracted_total', 'contact_center_wait_retracted_seconds')
    """
    stem, _, end = metric.rpartition("_")
    found = METRICS[f"{stem}_retracted_{end}"]
    return found.name


def _max(labels: Sequence[str], expr: str) -> str:
    return f"max by ({', '.join(labels)}) ({expr})"


def _by(metric: str, fixed: dict[str, str]) -> list[str]:
    """Labels that set series apart: those that are open and can have several values at once."""
    return [label for label in _open(metric, fixed) if label != "window"]


def _open(metric: str, fixed: dict[str, str]) -> list[str]:
    return [label for label in METRICS[metric].labels if label not in fixed]


def _selected(metric: str, variables: dict[str, str] | None, fixed: dict[str, str], only: str = "") -> str:
    chosen = MATCHED if variables is None else variables
    matchers = [_matcher(label, chosen[label]) for label in _open(metric, fixed) if label in chosen]
    matchers += [f'{label}="{value}"' for label, value in fixed.items()]
    matchers += [only] if only else []
    return f"{{{', '.join(matchers)}}}" if matchers else ""


def _matcher(label: str, variable: str) -> str:
    return f'{label}="{variable}"' if label == "window" else f'{label}=~"{variable}"'
