"""Who is told of what: the configuration that is made by settings, on a real Alertmanager."""

from __future__ import annotations

import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from deploy.alertmanager import make
from stream.child import HOST
from tests.deploy.rules import ROOT, alerts
from tests.e2e.plant import until
from tests.parts.alertmanager import amtool
from tests.parts.fixtures import skipping

FILE = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
QUICK = ("--group-wait", "200ms", "--group-interval", "1s")
QUEUE = {"channel": "phone", "queue": "sales & more"}
ALL = (
    "--webhook-url", "http://hook.example/", "--webhook-token-file", "/run/token", "--chat-url-file", "/run/chat",
    "--chat-channel", "#calls", "--mail-to", "a@example.org, b@example.org", "--mail-user", "centralino",
    "--mail-password-file", "/run/password", "--watchdog-url", "http://switch.example/",
)  # fmt: skip


def made(*arguments: str, **environment: str) -> str:
    return make.written(make.settings_of(arguments, environment))


def alert(name: str, *, over: bool = False, **labels: str) -> dict[str, object]:
    """An alert as Prometheus posts it, with the labels of its rule."""
    rule = alerts()[name]
    now = datetime.now(UTC)
    told = {**QUEUE, **rule["labels"], **labels} if "about" in rule["labels"] or "Queue" in name else rule["labels"]
    ends = now - timedelta(milliseconds=1) if over else now + timedelta(minutes=5)
    said = {"summary": f"{name} & more", "description": "Why.", "board": "/#/x", "runbook_url": "docs/r#x"}
    starts = now - timedelta(minutes=1)
    return {
        "labels": {"alertname": name, **told}, "annotations": said, "startsAt": starts.isoformat(),
        "endsAt": ends.isoformat(),
    }  # fmt: skip


def of(alertname: str) -> tuple[str, str]:
    return alertname, QUEUE["queue"] if "Queue" in alertname else ""


def test_the_file_in_the_repository_is_the_one_that_is_made_without_settings() -> None:
    assert FILE.read_text() == made(), "python deploy/alertmanager/make.py > deploy/alertmanager/alertmanager.yml"
    assert {tuple(receiver) for receiver in yaml.safe_load(FILE.read_text())["receivers"]} == {("name",)}


@pytest.mark.parametrize(
    "arguments", [(), ALL, ("--chat-url", "http://chat.example/x"), ("--mail-to", "a@b", "--mail-require-tls", "no")]
)
def test_amtool_accepts_what_is_made(arguments, tmp_path) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(made(*arguments))
    with skipping():
        amtool("check-config", str(file))


def test_it_is_made_by_options_or_by_the_environment_without_anything_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "deploy" / "alertmanager" / "make.py"), "--mail-to", "x@example.org"],
        env={"ALERTS_WEBHOOK_URL": "http://hook.example/", "ALERTS_MAIL_TO": "y@example.org"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    page, *_ = yaml.safe_load(done.stdout)["receivers"]
    assert page["webhook_configs"][0]["url"] == "http://hook.example/"
    assert page["email_configs"][0]["to"] == "x@example.org"


@pytest.mark.parametrize("arguments", [("--mail-user", "x"), ("--webhook-token-file", "/t"), ("--whatever", "x")])
def test_settings_that_do_not_fit_are_refused(arguments, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        made(*arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_each_alert_goes_to_whom_its_severity_says() -> None:
    with skipping():
        for name, rule in alerts().items():
            receiver = {"Watchdog": "watchdog", "QueueMuted": "nobody", "QueueAcknowledged": "nobody"}.get(name)
            labels = [f"{label}={value}" for label, value in {"alertname": name, **rule["labels"]}.items()]
            expected = receiver or rule["labels"]["severity"]
            amtool("config", "routes", "test", f"--config.file={FILE}", f"--verify.receivers={expected}", *labels)


def test_inhibitions_name_alerts_that_there_are() -> None:
    told = set()
    for rule in yaml.safe_load(FILE.read_text())["inhibit_rules"]:
        for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
            if name := re.fullmatch(r'alertname =~? "?([\w|]+)"?', matcher):
                told |= set(name[1].split("|"))
    assert told
    assert told <= set(alerts())


@pytest.mark.parametrize(
    ("cause", "silenced", "not_silenced"),
    [
        ("InputStale", ["QueueSlaBreached", "QueueSlaAtRisk", "QueueErrorBudgetBurnFast", "QueueLongestWait"], []),
        ("ServiceDown", ["QueueSlaBreached", "QueueWithoutAgents"], ["WorkersDown"]),
        ("QueueSlaBreached", ["QueueSlaAtRisk"], ["QueueWithoutAgents"]),
        ("QueueMuted", ["QueueSlaBreached", "QueueWithoutAgents", "QueueClosedWithCallers"], ["PartitionStanding"]),
        ("QueueAcknowledged", ["QueueSlaBreached", "QueueErrorBudgetBurnSlow"], ["QueueWithoutAgents"]),
        ("WorkersDown", ["LagGrowing"], ["PartitionStanding"]),
    ],
)
def test_one_alert_silences_others(start_alertmanager, cause, silenced, not_silenced) -> None:
    manager = start_alertmanager(made(*QUICK))
    manager.tell(alert("QueueSlaBreached", queue="other"), *map(alert, (cause, *silenced, *not_silenced)))
    expected = {of(name): "suppressed" for name in silenced} | {of(name): "active" for name in (cause, *not_silenced)}
    expected["QueueSlaBreached", "other"] = "suppressed" if cause in {"InputStale", "ServiceDown"} else "active"
    until(lambda: manager.alerts() == expected, 10, manager.alerts)


def test_what_is_inhibited_is_held_by_its_rule_so_that_its_end_is_told() -> None:
    held = {name for name, rule in alerts().items() if "ALERTS{" in rule["expr"] or "alerts_held" in rule["expr"]}
    for rule in yaml.safe_load(FILE.read_text())["inhibit_rules"]:
        (matcher,) = rule["target_matchers"]
        if matcher.startswith("about"):
            targets = {name for name, alert in alerts().items() if "about" in alert["labels"]}
        else:
            targets = {matcher.removeprefix("alertname = ")}
        assert targets <= held


def test_a_recovery_is_told_once_an_acknowledgement_ends_with_it(start_alertmanager, hook) -> None:
    manager = start_alertmanager(made(*QUICK, "--webhook-url", hook.url))
    manager.tell(alert("QueueSlaBreached"))
    until(lambda: hook.told("firing"), 10, "the breach")
    manager.tell(alert("QueueAcknowledged"))
    until(lambda: manager.alerts()[of("QueueSlaBreached")] == "suppressed", 10, "the acknowledgement")
    manager.tell(alert("QueueAcknowledged", over=True), alert("QueueSlaBreached", over=True))
    until(lambda: hook.told("resolved") == {of("QueueSlaBreached")}, 10, lambda: hook.messages)
    assert {message["receiver"] for message in hook.messages} == {"page"}
    assert hook.told("firing") == {of("QueueSlaBreached")}


class Mails(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to be sent a mail."""

    seen: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().strip():
            word = line.split()[0].upper()
            self.wfile.write(
                b"354 go on\r\n" if word == b"DATA" else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"
            )
            if word == b"DATA":
                lines = []
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(line.decode())
                self.server.seen.append("".join(lines).replace("=\r\n", ""))
                self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mailbox() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer((HOST, 0), Mails) as server:
        server.daemon_threads = True
        server.seen = []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_mail_and_chat_say_what_it_is_and_where_to_look(start_alertmanager, hook, mailbox) -> None:
    manager = start_alertmanager(
        made(
            *QUICK, "--chat-url", hook.url, "--mail-to", "a@example.org", "--mail-require-tls", "false",
            "--mail-host", f"{HOST}:{mailbox.server_address[1]}", "--board-url", "http://wall/", "--docs-url", "http://d",
        )
    )  # fmt: skip
    manager.tell(alert("QueueSlaBreached"), alert("QueueLongestWait"), alert("QueueSlaAtRisk", queue="other"))
    until(
        lambda: len(hook.messages) == 2 and mailbox.seen,
        15,
        lambda: (hook.messages, mailbox.seen, manager.log.read_text()),
    )
    said = {message["attachments"][0]["title"]: message["attachments"][0]["text"] for message in hook.messages}
    page = "page: QueueLongestWait & more (and 1 more)"
    assert set(said) == {page, "info: QueueSlaAtRisk & more"}
    text = "QueueLongestWait & more\nWhy.\nQueue: http://wall/#/x\nWhat to do: http://d/docs/r#x\n"
    assert said[page].startswith(text)
    assert len(mailbox.seen) == 1
    assert f"Subject: {page}" in mailbox.seen[0]
    assert text.replace("\n", "\r\n") in mailbox.seen[0].replace("=26", "&").replace("=23", "#")
    manager.tell(alert("QueueSlaBreached", over=True), alert("QueueLongestWait", over=True))
    until(lambda: len(mailbox.seen) == 2, 15, "the recovery")
    assert "Subject: over: QueueLongestWait & more (and 1 more)" in mailbox.seen[1]
