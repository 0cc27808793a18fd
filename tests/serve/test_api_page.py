"""docs/api.md names every route, and each route's parameters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.routing import Route

from stream.serve.app import app

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SECTIONS = {
    heading: re.findall(r"`([a-z_]+)`", re.search(r"^Parameters: (.*)$", text, re.MULTILINE)[1])
    for heading, text in re.findall(r"^## (?:GET|POST) (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
WITH_PARAMETERS = [path for path, names in SECTIONS.items() if names]


def test_every_route_has_a_section_and_every_section_a_route(view):
    routes = {re.sub(r":\w+}", "}", route.path) for route in app(view()).routes if isinstance(route, Route)}
    assert routes == set(SECTIONS)


@pytest.mark.parametrize("path", WITH_PARAMETERS)
async def test_a_route_knows_the_parameters_that_the_page_names(view, browse, path):
    asked = path.replace("{channel}", "phone").replace("{queue}", "support")
    answer = await browse(view()).get(asked, params={"nonsense": "1"})
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "nonsense"
    assert sorted(re.findall(r"[a-z_]+", answer.json()["hint"].removeprefix("there are"))) == sorted(SECTIONS[path])


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/kpi", 404), ("POST", "/api/v1/kpis", 405)])
async def test_what_is_no_route_is_answered_with_where_they_are(view, browse, method, path, status):
    answer = await browse(view()).request(method, path)
    assert answer.status_code == status
    assert path in answer.json()["error"]
    assert "docs/api.md" in answer.json()["hint"]
