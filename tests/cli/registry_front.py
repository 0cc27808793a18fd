"""What may stand before a registry: a door that asks who comes, TLS; and what may stand in its place."""

from __future__ import annotations

import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Answer = tuple[int, bytes, dict[str, str]]
"""Status, body, headers."""


class Front:
    """A server on loopback that gives each request to `answer` (method, path, headers, body)."""

    def __init__(self, answer: Callable[[str, str, Any, bytes], Answer], tls: ssl.SSLContext | None = None) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer goes in one piece

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content, headers = answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - named by the base class

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"{'http' if tls is None else 'https'}://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def door(registry: str, shown: str) -> Callable[[str, str, Any, bytes], Answer]:
    """Lets those through to a registry who show the right thing."""

    def answer(method: str, path: str, headers: Any, body: bytes) -> Answer:
        if headers.get("Authorization") != shown:
            return 401, b'{"error_code":401,"message":"Unauthorized"}', {"WWW-Authenticate": "Basic"}
        asked = urllib.request.Request(
            registry + path, method=method, data=body or None, headers={"Content-Type": headers["Content-Type"]}
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as told:
                return told.status, told.read(), {}
        except urllib.error.HTTPError as error:
            return error.code, error.read(), {}

    return answer


def always(status: int, content: bytes, wait_seconds: float = 0, **headers: str) -> Callable[..., Answer]:
    """The same answer to whatever."""

    def answer(*_: object) -> Answer:
        time.sleep(wait_seconds)
        return status, content, headers

    return answer
