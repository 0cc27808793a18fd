"""Alertmanager, the real one of Debian, and somebody to be told: a server that keeps what is posted to it."""

from __future__ import annotations

import json
import subprocess
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from stream.child import HOST, Child
from tests.parts.missing import program

if TYPE_CHECKING:
    from collections.abc import Sequence


class Alertmanager(Child):
    """One Alertmanager on loopback, of no cluster. `configuration` is the text of alertmanager.yml."""

    name = "alertmanager"

    def __init__(self, folder: Path, configuration: str, port: int | None = None) -> None:
        super().__init__(folder, port)
        self._server = program("prometheus-alertmanager")
        self._configuration = configuration

    @property
    def url(self) -> str:
        """Base of its HTTP API, without a slash at the end."""
        return f"http://{self.address}"

    def prepare(self) -> None:
        """Write the configuration."""
        (self.folder / "alertmanager.yml").write_text(self._configuration)

    def command(self) -> Sequence[str]:
        """The server on its port and folder."""
        return [
            self._server,
            f"--config.file={self.folder.resolve() / 'alertmanager.yml'}",
            f"--storage.path={self.folder.resolve() / 'data'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as reply:
                ready: bool = reply.status == 200
                return ready
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def tell(self, *alerts: dict[str, Any]) -> None:
        """Post alerts, as Prometheus does."""
        body = json.dumps(alerts).encode()
        headers = {"content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/api/v2/alerts", body, headers), timeout=5):
            pass

    def alerts(self) -> dict[tuple[str, str], str]:
        """(name, queue) of each alert that it knows -> active, or suppressed."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=5) as reply:
            found = json.loads(reply.read())
        return {
            (each["labels"]["alertname"], each["labels"].get("queue", "")): each["status"]["state"] for each in found
        }


class Hook:
    """A webhook on loopback: the messages that were posted to it, oldest first."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.messages.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def told(self, status: str, receiver: str | None = None) -> set[tuple[str, str]]:
        """(name, queue) of all alerts that were told of with a status: firing, resolved."""
        return {
            (alert["labels"]["alertname"], alert["labels"].get("queue", ""))
            for message in self.messages
            if receiver is None or message["receiver"] == receiver
            for alert in message["alerts"]
            if alert["status"] == status
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def amtool(*arguments: str) -> str:
    """What amtool prints, errors included; raises `AssertionError` when it finds a fault."""
    done = subprocess.run([program("amtool"), *arguments], capture_output=True, text=True, check=False, timeout=60)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output
