"""The pages and their files: nothing but these, of the right type, checked again each time, with only own scripts."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from stream.serve.board.pages import FOLDER, TYPES, Files

FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())


@pytest.fixture
def client(view, browse):
    return browse(view())


@pytest.mark.parametrize(
    "path",
    ["/", "/agents", "/journeys", "/explain?figure=asa", "/interaction/phone/a%2Fb", "/customer/ada@example.org"],
)
async def test_every_page_is_html_that_runs_own_scripts_only(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("name", FILES)
async def test_every_file_is_served_with_its_type_and_checked_again_each_time(client, name):
    answer = await client.get(f"/static/{name}")
    assert answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["content-type"] == TYPES[(FOLDER / name).suffix]
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(f"/static/{name}", headers={"if-none-match": f'"other", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static/none.js", "/static/js", "/static/..%2Fapp.py", "/static/%2e%2e/%2e%2e/settings.py",
        "/static//etc/hosts", "/static/js%00.js", "/static/" + 300 * "a" + ".js", "/index.html",
    ],
)  # fmt: skip
async def test_what_is_no_file_of_ours_is_404_as_anywhere(client, path):
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert "docs/api.md" in answer.json()["hint"]


def test_a_link_out_of_the_folder_and_a_strange_type_are_not_followed(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (folder / "out.json").symlink_to(tmp_path / "secret.json")
    (folder / "key.pem").write_text("secret")
    (folder / "page.html").write_text("one")
    files = Files(folder)
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "server": ("service", 80)})
    assert [files.answer(request, name).status_code for name in ("out.json", "key.pem", "page.html")] == [404, 404, 200]


def test_a_file_that_changes_is_read_again(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("one")
    files = Files(tmp_path)
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [], "server": ("service", 80)})
    first = files.answer(request, "page.html")
    page.write_text("other")
    second = files.answer(request, "page.html")
    assert (first.body, second.body) == (b"one", b"other")
    assert first.headers["etag"] != second.headers["etag"]


async def test_json_is_not_kept_and_not_guessed(client):
    answer = await client.get("/healthz")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
