"""Every query of every board is asked of a real Prometheus that scrapes a running center, and answers."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from grafana_foundation_sdk.models import units

from agents.metrics import Metrics
from checks.pages import files
from deploy.grafana.board import DATASOURCE
from deploy.grafana.boards import FOLDER, boards, file
from deploy.grafana.words import SLA_COLOURS
from stream.core.figures.explained import FIGURES
from stream.core.figures.metrics import METRICS
from stream.core.figures.service_level import DEFAULT_VARIANT
from stream.core.sla.state import STATES
from stream.serve.board.pages import PAGES
from tests.deploy.center import asked, watched
from tests.e2e.plant import Plant
from tests.parts.fixtures import skipping
from tests.parts.prometheus import Prometheus, promtool

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
BOARDS = {board.uid: json.loads(board.text()) for board in boards()}
UIDS = {"centralino-queues", "centralino-channels", "centralino-agents", "centralino-customers", "centralino-pipeline"}
ENDS = {"histogram": ("_bucket", "_count", "_sum"), "summary": ("", "_count", "_sum")}
OF_PROMETHEUS = {"up", "ALERTS"}
"""Series that Prometheus makes."""
LEFT_OUT: dict[str, str] = {}
"""Metrics on no board, and why."""
CHOSEN = {
    "channel": ".+", "queue": ".*", "window": "30m", "fcr_window": "7d", "customer_window": "30d",
    "__rate_interval": "1m",
}  # fmt: skip
"""What Grafana puts in for the variables when nothing else was chosen."""


def always() -> str:
    """Prometheus's rules with every alert, its name and labels, firing always, of a queue where they are of queues."""
    of = 'label_replace(label_replace(vector(1), "channel", "phone", "", ""), "queue", "sales", "", "")'
    rules = [
        {"alert": rule["alert"], "labels": rule["labels"], "expr": "vector(1)" if path.stem == "stream" else of}
        for path in sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    return yaml.safe_dump({"groups": [{"name": "always", "rules": rules}]})


@cache
def catalogue() -> dict[str, set[str]]:
    """Metric -> its series' names, of the service and of a worker."""
    found = {name: {name + end for end in ENDS.get(metric.kind, ("",))} for name, metric in METRICS.items()}
    for family in Metrics().registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = {name + end for end in ENDS.get(family.type, ("",))}
    return found


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def put_in(query):
    for name, value in CHOSEN.items():
        query = re.sub(rf"\$({name}\b|{{{name}}})", value, query)
    assert "$" not in query, query
    return query


def names(query):
    """The series that a query asks for: words that are no label, value, function or keyword."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\b(by|on|ignoring|without) *\([^)]*\)|\{[^}]*\}|\[[^]]*\]", "", bare)
    words = re.findall(r"[A-Za-z_][A-Za-z0-9_]*(?! *\()\b", bare)
    return set(words) - {"or", "and", "unless", "bool", "by", "on", "max", "sum", "min"}


TARGETS = [
    pytest.param(target["expr"], id=f"{uid}-{panel['title']}-{target['refId']}".replace(" ", "_"))
    for uid, board in BOARDS.items()
    for panel in panels(board)
    for target in panel["targets"]
]
ANNOTATIONS = sorted({each["expr"] for board in BOARDS.values() for each in board["annotations"]["list"]})


@pytest.fixture(scope="module")
def center(kafka, redis_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    plant = Plant(
        tmp_path_factory.mktemp("plant"), kafka.address, redis_server.url, "boards.", "boards:",
        forecast_worst_error=1,  # past events come at once: forecasts of them are far off, and to be shown all the same
        sources='{"chatwoot": {"secrets": ["who sends webhooks"]}}',
    )  # fmt: skip
    started = []

    def start(configuration, rules):
        (folder / "rules.yml").write_text(rules)
        with skipping():
            started.append(Prometheus(folder, configuration))
        started[0].start()
        return started[0]

    try:
        with watched(plant, start, always()) as running:
            yield running
    finally:
        for each in started:
            each.stop()


@pytest.mark.parametrize("query", TARGETS)
def test_a_query_of_a_board_has_series_with_numbers(center, query) -> None:
    prometheus, at = center
    found = asked(prometheus, "query", query=put_in(query), time=at)["result"]
    assert found
    assert any(math.isfinite(float(series["value"][1])) for series in found)


@pytest.mark.parametrize("query", ANNOTATIONS)
def test_alerts_are_marked_on_boards_where_they_belong(center, query) -> None:
    prometheus, at = center
    found = asked(prometheus, "query", query=put_in(query), time=at)["result"]
    marked = {each["metric"]["alertname"] for each in found}
    if "about" in query:
        assert "QueueSlaBreached" in marked
        assert not {"InputStale", "QueueMuted"} & marked
    elif "Fcr" in query:
        assert marked == {"FcrFalling"}
    else:
        assert "InputStale" in marked
        assert not {"QueueSlaBreached", "Watchdog"} & marked


def test_every_variable_has_values_and_the_chosen_one_is_among_them(center) -> None:
    prometheus, _ = center
    for board in BOARDS.values():
        for variable in board["templating"]["list"]:
            if variable["type"] != "query":
                continue
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            values = asked(prometheus, f"label/{label}/values", **{"match[]": put_in(series)})
            chosen = variable["current"]["value"]
            assert len(values) > 1
            assert chosen == ["$__all"] if variable["multi"] else chosen in values


def test_boards_are_committed_as_their_source_says() -> None:
    assert {file(board) for board in boards()} == set(FOLDER.glob("*.json"))
    stale = [path.name for source, path, text in files() if source == "deploy/grafana" and path.read_text() != text]
    assert stale == []


def test_uids_are_the_ones_that_links_outside_know() -> None:
    assert BOARDS.keys() == UIDS
    assert {board["uid"] for board in BOARDS.values()} == UIDS
    assert all(8 <= len(uid) <= 40 for uid in UIDS)


@pytest.mark.parametrize("uid", BOARDS)
def test_every_panel_has_a_unit_a_description_its_place_and_series(uid) -> None:
    board = BOARDS[uid]
    titles = Counter(panel["title"] for panel in panels(board))
    assert titles.most_common(1)[0][1] == 1
    ids = [panel["id"] for panel in board["panels"]]
    assert ids == sorted(set(ids))
    for panel in panels(board):
        assert _known(panel["fieldConfig"]["defaults"]["unit"]), panel["title"]
        what, act = panel["description"].split("\n\n**What to do with it:** ")
        assert len(what) > 20, panel["title"]
        assert len(act) > 20, panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["targets"]
        assert [target["refId"] for target in panel["targets"]] == list("ABCDEFGHIJKLMNOP"[: len(panel["targets"])])
    assert _overlapping(board["panels"]) == []


def _known(unit):
    return unit.startswith("suffix:") or unit in {value for value in vars(units).values() if isinstance(value, str)}


def _overlapping(placed):
    boxes = [(each["title"], each["gridPos"]) for each in placed]
    assert all(box["x"] + box["w"] <= 24 for _, box in boxes)
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]
    ]  # fmt: skip


@pytest.mark.parametrize("uid", BOARDS)
def test_a_board_leads_to_the_others_and_to_the_wallboard_and_marks_alerts(uid) -> None:
    board = BOARDS[uid]
    boards_link, wallboard = board["links"]
    assert (boards_link["type"], boards_link["tags"]) == ("dashboards", board["tags"])
    assert boards_link["includeVars"]
    assert boards_link["keepTime"]
    assert wallboard["url"] == "${wallboard}/"
    assert {"datasource", "wallboard"} <= {variable["name"] for variable in board["templating"]["list"]}
    assert all("alertstate" in each["expr"] for each in board["annotations"]["list"])


def test_links_of_series_lead_to_pages_of_the_wallboard_and_to_figures_that_it_explains() -> None:
    links = [
        link["url"]
        for board in BOARDS.values()
        for panel in panels(board)
        for link in [
            *panel["fieldConfig"]["defaults"].get("links", ()),
            *(link for each in panel["fieldConfig"]["overrides"] for p in each["properties"] if p["id"] == "links"
              for link in p["value"]),
        ]
    ]  # fmt: skip
    assert len(links) > 15
    for link in links:
        url = urlsplit(link.removeprefix("${wallboard}"))
        assert url.path in PAGES, link
        assert not url.fragment or url.fragment.startswith("/queue/")
        query = url.query.replace("${__field.labels.variant}", DEFAULT_VARIANT)
        assert all(figure in FIGURES for figure in parse_qs(query).get("figure", ())), link


def test_every_series_asked_for_is_in_the_catalogue_and_every_metric_on_a_board() -> None:
    known = catalogue()
    queries = [each["expr"] for board in BOARDS.values() for panel in panels(board) for each in panel["targets"]]
    used = set().union(*map(names, [*queries, *ANNOTATIONS]))
    assert used - set().union(*known.values()) - OF_PROMETHEUS == set()
    unused = {metric for metric, series in known.items() if not series & used}
    assert unused == LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


def test_nobody_adds_agents_up_over_queues_nor_figures_over_services() -> None:
    for board in BOARDS.values():
        for panel in panels(board):
            for query in (target["expr"] for target in panel["targets"]):
                if "contact_center_queue_agents" in query or "contact_center_queue_slots" in query:
                    assert not re.search(r"\b(sum|avg|count)\b", query), panel["title"]
                of_service = {series for name in METRICS for series in catalogue()[name]} & names(query)
                assert not of_service or "max by (" in query, panel["title"]


def test_a_counter_with_a_twin_is_never_shown_without_it() -> None:
    twins = {name.replace("_retracted", ""): name for name in METRICS if "_retracted" in name}
    assert len(twins) == 3
    for board in BOARDS.values():
        for panel in panels(board):
            for query in (target["expr"] for target in panel["targets"]):
                for counter, twin in twins.items():
                    assert (f"{counter}_" in query or f"{counter}{{" in query) <= (twin in query), panel["title"]


def test_states_have_words_beside_their_colours() -> None:
    (panel,) = [each for each in panels(BOARDS["centralino-queues"]) if each["type"] == "state-timeline"]
    (mapping,) = panel["fieldConfig"]["defaults"]["mappings"]
    words = [mapping["options"][str(number)]["text"] for number in range(len(STATES))]
    assert words == [state.replace("_", " ") for state in STATES]
    assert panel["options"]["showValue"] == "always"


SEEN = {
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
"""How linear RGB is seen by whom (Machado, Oliveira, Fernandes 2009)."""


@pytest.mark.parametrize("eyes", SEEN)
def test_colours_of_states_differ_for_colour_blind_people(eyes) -> None:
    seen = {state: _lab(colour, SEEN[eyes]) for state, colour in SLA_COLOURS.items()}
    for one, other in combinations(seen, 2):
        assert math.dist(seen[one], seen[other]) > 20, (one, other)


def _lab(colour, matrix):
    """CIE L*a*b* of a colour as it is seen."""
    rgb = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    r, g, b = (max(0.0, sum(k * c for k, c in zip(row, linear, strict=True))) for row in matrix)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_provisioning_names_the_datasource_and_the_folder_that_boards_have() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/centralino.yml").read_text())["datasources"]
    assert (source["uid"], source["type"], source["isDefault"]) == (DATASOURCE, "prometheus", True)
    prometheus = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]
    jobs = {job["job_name"] for job in prometheus["scrape_configs"]}
    (up,) = {
        each["expr"]
        for panel in panels(BOARDS["centralino-pipeline"])
        for each in panel["targets"]
        if "up{" in each["expr"]
    }
    assert all(re.fullmatch(re.search(r'job=~"([^"]*)"', up)[1], job) for job in jobs if job.startswith("centralino"))


def test_promtool_can_read_what_boards_ask(tmp_path) -> None:
    rules = [{"record": f"q{n}", "expr": put_in(each.values[0])} for n, each in enumerate(TARGETS)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}))
    with skipping():
        promtool("check", "rules", str(path))
