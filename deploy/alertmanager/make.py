"""Writes alertmanager.yml: who is told of what, by options or by environment (Alertmanager itself reads neither).

`python deploy/alertmanager/make.py --webhook-url https://… > deploy/alertmanager/alertmanager.yml`, or, the same,
`ALERTS_WEBHOOK_URL=https://… python …`. Without any, alerts are grouped, inhibited, shown on Alertmanager's page, and
sent to nobody: that is the file in the repository. Standard library only, so that any Python 3.11 can run it.

Secrets stay in files that Alertmanager reads: `--webhook-token-file`, `--chat-url-file`, `--mail-password-file`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

PREFIX = "ALERTS_"


class Option(NamedTuple):
    """A setting: `--name-of-it`, or ALERTS_NAME_OF_IT."""

    name: str
    help: str
    default: str = ""


OPTIONS = (
    Option("webhook_url", "where pages, tickets and infos are sent as JSON, by POST"),
    Option("webhook_token_file", "file with the Bearer token that goes with them"),
    Option("watchdog_url", "where a dead man's switch waits for the alert that is always there"),
    Option("chat_url", "incoming webhook of Slack, Mattermost or Rocket.Chat"),
    Option("chat_url_file", "file that holds that"),
    Option("chat_channel", "channel of the chat; empty: as the webhook has it"),
    Option("mail_to", "addresses, with commas, that get pages and tickets"),
    Option("mail_from", "sender of mails", "centralino@localhost"),
    Option("mail_host", "SMTP server as host:port", "localhost:25"),
    Option("mail_user", "user at the SMTP server"),
    Option("mail_password_file", "file with that user's password"),
    Option("mail_require_tls", "true, or false for a server on this machine", "true"),
    Option("board_url", "address of the wallboard, for links in mail and chat", "http://localhost:8000"),
    Option("grafana_url", "address of Grafana, likewise", "http://localhost:3000"),
    Option("docs_url", "address of the folder that holds docs/, likewise", "."),
    Option("group_wait", "how long the first alert of a queue waits for those that come with it", "10s"),
    Option("group_interval", "how long a queue's next change waits", "30s"),
)

ROUTES = """\
# Made by make.py: change that, or its options. {receivers}
route:
  receiver: ticket
  # One message for all that is wrong with a queue; all of the stream itself is another.
  group_by: [channel, queue]
  group_wait: {group_wait}
  group_interval: {group_interval}
  repeat_interval: 4h
  routes:
    - matchers: [alertname = Watchdog]
      receiver: watchdog
      group_by: [alertname]
      group_wait: 0s
      group_interval: 1m
      repeat_interval: 1m
    # There to inhibit, below.
    - matchers: [alertname =~ "QueueMuted|QueueAcknowledged"]
      receiver: nobody
    - matchers: [severity = page]
      receiver: page
    - matchers: [severity = ticket]
      receiver: ticket
      group_by: [alertname, channel, queue]
      group_interval: 5m
      repeat_interval: 24h
    - matchers: [severity = info]
      receiver: info
      repeat_interval: 12h

# What is inhibited here is held by its rule (deploy/prometheus/rules), or its end would be lost.
inhibit_rules:
  # Quiet is not blind: while what is shown is not of now, or nobody shows it, nothing is told of queues.
  - source_matchers: [alertname =~ "InputStale|ServiceDown"]
    target_matchers: [about =~ ".+"]
  # `centralino mute`: all of the queue. `centralino ack`: its service level, until it has recovered.
  - source_matchers: [alertname = QueueMuted]
    target_matchers: [about =~ ".+"]
    equal: [channel, queue]
  - source_matchers: [alertname = QueueAcknowledged]
    target_matchers: [about = service_level]
    equal: [channel, queue]
  # What is breached is at risk too, by its rule.
  - source_matchers: [alertname = QueueSlaBreached]
    target_matchers: [alertname = QueueSlaAtRisk]
    equal: [channel, queue]
  # What is the cause of it says it all.
  - source_matchers: [alertname =~ "RedisDown|WorkersDown"]
    target_matchers: [alertname = LagGrowing]

receivers:
"""

TITLE = (
    '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}{{ else }}over{{ end }}: '
    "{{ (index .Alerts 0).Annotations.summary }}"
    "{{ if gt (len .Alerts) 1 }} (and {{ len (slice .Alerts 1) }} more){{ end }}"
)


def lines_of_each(settings: Mapping[str, str]) -> str:
    """The template of a message: each alert with what it says and where to look."""
    board, grafana, docs = (settings[name].rstrip("/") for name in ("board_url", "grafana_url", "docs_url"))
    return (
        "{{ range .Alerts }}"
        '{{ if eq .Status "resolved" }}Over: {{ end }}{{ .Annotations.summary }}\n'
        "{{ .Annotations.description }}\n"
        f"{{{{ with .Annotations.board }}}}Queue: {board}{{{{ . }}}}\n{{{{ end }}}}"
        f"{{{{ with .Annotations.dashboard }}}}History: {grafana}{{{{ . }}}}\n{{{{ end }}}}"
        f"What to do: {docs}/{{{{ .Annotations.runbook_url }}}}\n\n"
        "{{ end }}"
    )


Block = tuple[str, dict[str, object]]
"""A kind of receiver, as `webhook_configs`, and what one of it is set to."""


def webhook(settings: Mapping[str, str]) -> list[Block]:
    """A POST of JSON, what resolved included."""
    if not settings["webhook_url"]:
        return []
    told: dict[str, object] = {"url": settings["webhook_url"], "send_resolved": True}
    if settings["webhook_token_file"]:
        told["http_config"] = {"authorization": {"credentials_file": settings["webhook_token_file"]}}
    return [("webhook_configs", told)]


def chat(settings: Mapping[str, str]) -> list[Block]:
    """A message in a chat."""
    told: dict[str, object] = {}
    if settings["chat_url_file"]:
        told["api_url_file"] = settings["chat_url_file"]
    elif settings["chat_url"]:
        told["api_url"] = settings["chat_url"]
    else:
        return []
    told |= {"channel": settings["chat_channel"]} if settings["chat_channel"] else {}
    told |= {
        "send_resolved": True,
        "title": TITLE,
        "title_link": settings["board_url"],
        "text": lines_of_each(settings),
    }
    return [("slack_configs", told)]


def mail(settings: Mapping[str, str]) -> list[Block]:
    """A mail, as plain text."""
    if not settings["mail_to"]:
        return []
    told: dict[str, object] = {
        "to": settings["mail_to"], "from": settings["mail_from"], "smarthost": settings["mail_host"],
        "require_tls": settings["mail_require_tls"].lower() not in {"false", "no", "0"}, "send_resolved": True,
    }  # fmt: skip
    if settings["mail_user"]:
        told |= {"auth_username": settings["mail_user"], "auth_password_file": settings["mail_password_file"]}
    told |= {"headers": {"Subject": TITLE}, "html": "", "text": lines_of_each(settings)}
    return [("email_configs", told)]


def watchdog(settings: Mapping[str, str]) -> list[Block]:
    """A POST a minute."""
    url = settings["watchdog_url"]
    return [("webhook_configs", {"url": url, "send_resolved": False})] if url else []


def receivers(settings: Mapping[str, str]) -> dict[str, list[Block]]:
    """By name, how each is told. Pages and tickets go everywhere, infos to nobody's mail."""
    everywhere = [*webhook(settings), *chat(settings), *mail(settings)]
    return {
        "page": everywhere,
        "ticket": everywhere,
        "info": [*webhook(settings), *chat(settings)],
        "watchdog": watchdog(settings),
        "nobody": [],
    }


def written(settings: Mapping[str, str]) -> str:
    """The whole file. Values are written as JSON, which YAML reads too."""
    found = receivers(settings)
    told = sorted({kind.removesuffix("_configs") for blocks in found.values() for kind, _ in blocks})
    how = f"Receivers: {', '.join(told)}." if told else "Without receivers: nobody is told, all is on its page."
    lines = [ROUTES.format(receivers=how, group_wait=settings["group_wait"], group_interval=settings["group_interval"])]
    for name, blocks in found.items():
        lines.append(f"  - name: {name}\n")
        for kind, block in blocks:
            lines.append(f"    {kind}:\n")
            for place, (key, value) in enumerate(block.items()):
                lines.append(f"      {' ' if place else '-'} {key}: {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(lines)


def settings_of(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """What is set: by an option, else by the environment, else by default. Ends the program when it does not fit."""
    parser = argparse.ArgumentParser(description="Writes Alertmanager's configuration to standard output.")
    for option in OPTIONS:
        variable = PREFIX + option.name.upper()
        parser.add_argument(
            "--" + option.name.replace("_", "-"),
            default=environment.get(variable) or option.default,
            help=f"{option.help} [{variable}{', ' + option.default if option.default else ''}]",
        )
    settings: dict[str, str] = vars(parser.parse_args(arguments))
    if bool(settings["mail_user"]) != bool(settings["mail_password_file"]):
        parser.error("--mail-user and --mail-password-file: both or neither")
    if settings["webhook_token_file"] and not settings["webhook_url"]:
        parser.error("--webhook-token-file needs --webhook-url")
    return settings


if __name__ == "__main__":
    sys.stdout.write(written(settings_of(sys.argv[1:], os.environ)))
