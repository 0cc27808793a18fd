"""What boards make of counters and of several services, in numbers."""

from __future__ import annotations

import yaml

from deploy.grafana import level
from deploy.grafana.promql import gained, now, risen
from tests.parts.fixtures import skipping
from tests.parts.prometheus import promtool

CHOSEN = {"$channel": ".+", "$queue": ".*", "$window": "30m"}
PHONE = 'channel="phone", queue="sales"'


def answers(folder, series, *expected) -> None:
    """Each of (query, at, labels, value) at its minute; two services show every series."""
    twice = [{"series": f'{name}, instance="{n}"}}', "values": values} for name, values in series.items() for n in "ab"]
    asked = []
    for query, at, labels, value in expected:
        expr = query
        for variable, chosen in CHOSEN.items():
            expr = expr.replace(variable, chosen)
        asked.append({"expr": expr, "eval_time": at, "exp_samples": [{"labels": labels, "value": value}]})
    told = {"tests": [{"interval": "1m", "input_series": twice, "promql_expr_test": asked}]}
    path = folder / "test.yml"
    path.write_text(yaml.safe_dump(told))
    with skipping():
        promtool("test", "rules", str(path))


def test_two_services_show_a_figure_once(tmp_path) -> None:
    waiting = f"contact_center_queue_waiting{{{PHONE}"
    answers(tmp_path, {waiting: "3x60"}, (f"sum({now('contact_center_queue_waiting')})", "1h", "{}", 3))


def test_what_was_taken_back_is_no_gain_and_a_store_put_back_is_no_start_at_nought(tmp_path) -> None:
    total, twin = (f'contact_center_segments{x}_total{{{PHONE}, outcome="offered"' for x in ("", "_retracted"))
    query = gained("contact_center_segments_total", outcome="offered")
    labels = f"{{{PHONE}}}"
    answers(tmp_path, {total: "1000+10x60", twin: "0+2x60"}, (query, "1h", labels, 15 * 8))
    answers(tmp_path, {total: "1000+10x50 1400x20", twin: "0x70"}, (query, "1h", labels, 1400 - 1450))


def test_records_a_second_are_those_of_one_service(tmp_path) -> None:
    records = 'stream_records_total{topic="interactions.phone", result="applied"'
    query = risen("stream_records_total", "10m", a_second=True, result="applied")
    answers(tmp_path, {records: "0+60x60"}, (query, "1h", '{topic="interactions.phone"}', 1))


def test_the_level_of_email_is_that_of_its_responses(tmp_path) -> None:
    series = {
        'contact_center_service_level_live_ratio{channel="email", queue="orders", window="30m"': "1x60",
        'contact_center_response_level_live_ratio{channel="email", queue="orders", window="30m"': "0.75x60",
        'contact_center_service_level_target_ratio{channel="email", queue="orders"': "0.5x60",
    }
    labels = '{channel="email", queue="orders"}'
    answers(
        tmp_path, series, (level.LEVEL, "1h", labels, 0.75), (level.MARGIN, "1h", labels, 0.25),
        (level.MISSES, "1h", labels, 0.5),
    )  # fmt: skip
