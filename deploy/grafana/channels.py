"""The board *Channels and service level*: are customers reached as promised, and what became of them."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import DashboardLink

from deploy.grafana import level, words
from deploy.grafana.board import OF_QUEUES, Board, Rows, alerts, by_queue, filled, frame, over
from deploy.grafana.panels import QUEUE, Query, Said, bars, dashed, figure, lines, sized, spread, wallboard
from deploy.grafana.promql import SMOOTHED, gained, now, quantile
from stream.core.figures import common as figures
from stream.core.figures import quantiles
from stream.core.figures import service_level as levels

UID, TITLE = "centralino-channels", "Channels and service level"
QUESTION = "Do we answer as promised, channel by channel and queue by queue, and what became of everybody?"
OVER_TARGET = words.good_above(0, 0.05)
TWINS = "Each counter less its `retracted` twin, so that what a correction took back is not counted."


def board() -> Board:
    """The board."""
    made = by_queue(frame(UID, TITLE, QUESTION, hours=6, refresh="30s"))
    made = over(made, "window", "Window", "contact_center_abandonment_ratio", "30m")
    made = alerts(made, "Alerts of queues", *OF_QUEUES)
    return Board(UID, TITLE, QUESTION, filled(made, _rows()))


def _rows() -> Rows:
    return (
        ("Service level", _levels()), ("Speed and work", _means()), ("Quantiles", _quantiles()),
        ("What became of everybody", _flow()),
    )  # fmt: skip


def _explained(name: str) -> DashboardLink:
    chosen = "window=${window}&channel=${__field.labels.channel}&queue=${__field.labels.queue:percentencode}"
    return wallboard(f"What it is made of: {name.partition('.')[0]}", f"/explain?figure={name}&{chosen}")


def _levels() -> list[object]:
    rates = level.said(
        "Under the dashed line for longer than its window: the queue is short of people, not unlucky. Click a line to"
        " see what it is made of."
    )
    reported = figure(
        levels.short_abandons_excluded,
        "The difference to the live level is who waits past the threshold at this moment.",
        "Each queue's own, a setting, is named in the legend.",
    )
    return [
        sized(dashed(lines("Level against its target", "percentunit", rates, Query(level.LEVEL), level.TARGETS), 1)
              .max(1).data_links([_explained("service_level_live"), _explained("response_level_live")]), 16, 10),
        sized(bars("Over the target", "percentunit", Said(
            "level - target of each queue, over the window chosen: below 0 missed, up to 0.05 at risk.",
            "The longest bar to the left has most to win; a queue far to the right can lend people.",
        ), Query(level.MARGIN), at=OVER_TARGET), 8, 10),
        sized(lines("Service level as reported", "percentunit", reported,
                    Query(now("contact_center_service_level_ratio"), f"{QUEUE} {{{{variant}}}}"))
              .max(1).data_links([_explained("service_level.${__field.labels.variant}")]), 8),
        sized(lines("First responses in time", "percentunit", figure(
            figures.response_level, "For email and social this is the service level: plan by what is past due.",
        ), Query(now("contact_center_response_level_ratio"))).max(1).data_links([_explained("response_level")]), 8),
        sized(lines("Misses, as a share of what the target allows", "percentunit", Said(
            "(1 - level) / (1 - target): at 100 % a window has as many misses as its target allows, at 200 % twice.",
            "Two hours at 200 % take two hours at 0 % to make good: above 100 % until the evening, the day is lost.",
        ), Query(level.MISSES)), 8),
    ]  # fmt: skip


def _means() -> list[object]:
    return [
        sized(lines("Speed of answer (ASA)", "s", figure(
            figures.asa_seconds, "Read it beside the level: a good mean with a bad level hides a few very long waits.",
        ), Query(now("contact_center_asa_seconds"))).data_links([_explained("asa_seconds")]), 8),
        sized(lines("Handle time (AHT)", "s", figure(
            figures.aht_seconds, "Rises for everybody: a system or a cause; ask agents. It costs agents like arrivals.",
        ), Query(now("contact_center_aht_seconds"))).data_links([_explained("aht_seconds")]), 8),
        sized(lines("Abandonment", "percentunit", figure(
            figures.abandonment, "Rising with short waits: look at what they hear. With long ones: at staffing.",
        ), Query(now("contact_center_abandonment_ratio"))).data_links([_explained("abandonment")]), 8),
    ]  # fmt: skip


def _quantiles() -> list[object]:
    found = (
        ("Wait", "contact_center_wait_quantile_seconds", quantiles.wait_quantile_seconds,
         "What nine of ten wait at most is what to promise; the mean is nobody's wait."),
        ("Handle time", "contact_center_handle_quantile_seconds", quantiles.handle_quantile_seconds,
         "p95 far from p50: a few hard contacts; give them to who knows."),
        ("First response", "contact_center_first_response_quantile_seconds",
         quantiles.first_response_quantile_seconds, "What to promise in the automatic reply."),
    )  # fmt: skip
    return [
        sized(lines(f"{title}: p50, p90, p99", "s", figure(function, act), *(
            Query(quantile(metric, str(q)), f"{QUEUE} p{q * 100:.0f}") for q in (0.5, 0.9, 0.99)
        )), 8)
        for title, metric, function, act in found
    ]  # fmt: skip


def _flow() -> list[object]:
    outcomes = f"sum by (outcome) ({gained('contact_center_segments_total')})"
    offered = f"sum by (channel) ({gained('contact_center_segments_total', outcome='offered')})"
    wait, handle = "contact_center_wait_seconds", "contact_center_handle_seconds"
    mean = "sum by (channel) ({}) / sum by (channel) ({})"
    return [
        sized(lines("Segments by what became of them", "short", Said(
            f"In {SMOOTHED} up to each point, over all queues chosen. {TWINS}",
            "Offered over answered, and abandoned or flowed out rising with it: callers go elsewhere.",
        ), Query(outcomes, "{{outcome}}")), 12),
        sized(lines("Offered, by channel", "short", Said(
            f"Segments that entered a queue in {SMOOTHED} up to each point. {TWINS}",
            "A channel that falls while another rises: customers have changed over; look for what broke.",
        ), Query(offered, "{{channel}}"), stacked=True), 12),
        sized(spread("Waits of who was answered", "s", Said(
            f"How many of the answered waited how long, in {SMOOTHED} up to each point. {TWINS}",
            "A second band beside the first is a second kind of caller: overflow, a transfer, a closed team.",
        ), Query(f"sum by (le) ({gained(wait, suffix='_bucket', add='le')})", "{{le}}")), 8),
        sized(spread("Handle times", "s", Said(
            f"How many segments took how long, in {SMOOTHED} up to each point. {TWINS}",
            "A band that moves up is work that got harder; one at the bottom is who hangs up at once.",
        ), Query(f"sum by (le) ({gained(handle, suffix='_bucket', add='le')})", "{{le}}")), 8),
        sized(lines("Mean wait and handle time, by channel", "s", Said(
            f"Seconds / segments in {SMOOTHED} up to each point, over all queues chosen. {TWINS}",
            "For a channel as a whole: a mean of queues' means would weigh a small queue like a large one.",
        ), Query(mean.format(gained(wait, suffix="_sum"), gained(wait, suffix="_count")), "{{channel}} wait"),
            Query(mean.format(gained(handle, suffix="_sum"), gained(handle, suffix="_count")),
                  "{{channel}} handle time")), 8),
    ]  # fmt: skip
