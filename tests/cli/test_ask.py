"""Asking a service as somebody who may: the credentials go to it alone."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from stream.cli.ask import asked
from stream.cli.journey import _asked
from stream.cli.problem import Problem
from stream.settings_access import Credentials

CREDENTIALS = Credentials("a-token-of-24-characters", None, None)


@pytest.fixture
def service():
    """Answers 401 without the token, sends /elsewhere on to `other`, and keeps what was shown."""
    servers = []

    def start(other=""):
        shown = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                told = self.headers.get("Authorization")
                shown.append(told)
                if self.path == "/elsewhere":
                    self.send_response(302)
                    self.send_header("Location", other)
                else:
                    self.send_response(200 if told == f"Bearer {CREDENTIALS.token}" else 401)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", shown

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_token_is_shown_and_no_other_address_hears_it(service):
    other, heard = service()
    url, shown = service(f"{other}/healthz")
    assert asked(url, CREDENTIALS, 5) == b"{}"
    with pytest.raises(OSError, match="401"):
        asked(f"{url}/elsewhere", CREDENTIALS, 5)
    assert (shown, heard) == (["Bearer a-token-of-24-characters"] * 2, [None])


def test_who_may_not_is_told_what_to_set(service):
    url, _ = service()
    with pytest.raises(Problem, match="CENTRALINO_ACCESS_TOKEN"):
        _asked(url, "ada", None)
    assert _asked(url, "ada", CREDENTIALS) == {}
