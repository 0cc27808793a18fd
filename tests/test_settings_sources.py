"""The settings of platforms: from where they come, and what is wrong with them, without telling a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.sources.options import Question
from stream.settings import Settings, SettingsError

SECRET = "secret-word-1"
ALL: dict[str, Any] = {
    "instance": "AC1", "queues": {"Hilfe": "support"}, "agents": {"WK1": "ada"}, "channels": {"voice": "phone"},
    "outcomes": {"1": "voicemail"}, "questions": {"q1": {"survey": "ces", "lowest": 1, "highest": 7, "reversed": True}},
    "secrets": [SECRET, "secret-word-2"], "url": "https://hooks.example.org:8443/x/in/twilio?a=b",
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_they_come_from_the_file_and_from_json_in_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "centralino.toml").write_text(
        f'[sources.twilio]\nsecrets = ["{SECRET}"]\nqueues = {{Hilfe = "support"}}\n'
        '[sources.surveys.questions.q1]\nsurvey = "nps"\n'
    )
    settings = Settings()
    assert settings.source("twilio").keys() == (SECRET.encode(),)
    assert settings.source("twilio").options().queues == {"Hilfe": "support"}
    assert settings.source("surveys").options().questions == {"q1": Question(survey="nps")}
    monkeypatch.setenv("CENTRALINO_SOURCES", json.dumps({"twilio": ALL}))
    of_environment = Settings().source("twilio")
    assert of_environment.keys() == (SECRET.encode(), b"secret-word-2")
    assert of_environment.url == ALL["url"]
    assert of_environment.options().questions == {"q1": Question(survey="ces", lowest=1, highest=7, reversed=True)}
    assert of_environment.options().instance == "AC1"


def test_who_is_not_told_of_has_no_secrets_and_no_names() -> None:
    assert Settings().source("zendesk").keys() == ()
    assert Settings().source("zendesk").options().queues == {}


def test_secrets_are_several_one_or_in_a_file_and_never_shown(folder: Path) -> None:
    (folder / "keys").write_text(f"\n{SECRET}  \nsecret-word-2\n\n")
    of_file = Settings(sources={"twilio": {"secrets_file": str(folder / "keys")}})
    several = Settings(sources={"twilio": {"secrets": [SECRET, "secret-word-2"]}})
    alone = Settings(sources={"twilio": {"secrets": SECRET}})
    assert of_file.source("twilio").keys() == several.source("twilio").keys() == (SECRET.encode(), b"secret-word-2")
    assert alone.source("twilio").keys() == (SECRET.encode(),)
    for settings in (of_file, several, alone):
        assert "secret-word" not in repr(settings) + str(settings.model_dump())


@pytest.mark.parametrize(
    ("told", "place", "fault"),
    [
        ({"twillio": {}}, "sources.twillio (", "there are amazon_connect, asterisk"),
        ({"twilio": {"secret": SECRET}}, "sources.twilio", "no setting 'secret'; there are instance, queues"),
        ({"twilio": {"secrets": ["secret"]}}, "sources.twilio", "at least 8 characters"),
        ({"twilio": {"secrets": [SECRET, "  "]}}, "sources.twilio", "at least 8 characters"),
        ({"twilio": {"secrets": [SECRET], "secrets_file": "f"}}, "sources.twilio", "told twice"),
        ({"twilio": {"secrets_file": "nowhere"}}, "sources.twilio", "nowhere cannot be read: No such file"),
        ({"twilio": {"secrets_file": "empty"}}, "sources.twilio", "secrets_file: it is empty"),
        ({"twilio": {"secrets_file": "strange"}}, "sources.twilio", "is not text in UTF-8"),
        ({"twilio": {"url": "hooks.example.org/in/twilio"}}, "sources.twilio.url", "the whole URL"),
        ({"twilio": {"url": "https:///in/twilio"}}, "sources.twilio.url", "the whole URL"),
        ({"twilio": {"url": "https://a.example/in/twilio#x"}}, "sources.twilio.url", "the whole URL"),
        ({"twilio": {"url": "https://a.example:99999/in"}}, "sources.twilio.url", "the whole URL"),
        ({"twilio": {"channels": {"voice": "phon"}}}, "sources.twilio.channels.voice", "'phone', 'email'"),
        ({"twilio": {"outcomes": {"1": "gone"}}}, "sources.twilio.outcomes.1", "'voicemail'"),
        ({"twilio": [SECRET]}, "sources.twilio", "a platform is a table"),
        (
            {"surveys": {"questions": {"q": {"survey": "nps", "lowest": 1}}}},
            "sources.surveys.questions.q",
            "write both",
        ),
        (
            {"surveys": {"questions": {"q": {"survey": "nps", "lowest": 5, "highest": 1}}}},
            "sources.surveys",
            "must be above",
        ),
        ({"surveys": {"questions": {"q": {"scale": 5}}}}, "sources.surveys.questions.q", "no setting 'scale'"),
        ({"surveys": {"questions": {"q": "nps"}}}, "sources.surveys.questions.q", "a question is a table"),
        ({"asterisk": {"secrets": [SECRET]}}, "sources.asterisk.secrets", "sends no webhooks"),
        ([], "sources", "it must be a table"),
        ({"twilio": {"queues": "support"}}, "sources.twilio.queues", "it must be a table"),
        ({"twilio": {"instance": 3}}, "sources.twilio.instance", "it must be a text"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder: Path, told: Any, place: str, fault: str) -> None:
    (folder / "empty").write_text("\n  \n")
    (folder / "strange").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError) as caught:
        Settings(sources=told)
    assert place in str(caught.value)
    assert fault in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("told", ["twilio", '{"twilio": ', "[1", f'{{"twilio": {{"secrets": ["{SECRET}"]}}, }}'])
def test_what_is_no_json_in_the_environment_is_said(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_SOURCES", told)
    with pytest.raises(SettingsError, match="JSON") as caught:
        Settings()
    assert SECRET not in str(caught.value)


def test_a_file_of_secrets_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    (folder / "secrets").write_bytes(b"\xef\xbb\xbf" + SECRET.encode() + b"\r\n")
    sources = {"twilio": {"secrets_file": str(folder / "secrets")}}
    assert Settings(sources=sources).source("twilio").keys() == (SECRET.encode(),)
