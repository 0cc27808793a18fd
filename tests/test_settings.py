"""Settings: where they come from, how a wrong one is told, and the rules that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.settings_page import PAGE, page
from stream.connections import kafka_options, redis_options
from stream.core.rules import Rules
from stream.settings import Settings
from stream.settings_error import SettingsError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a file, and an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_a_file_and_a_variable_the_rules_are_the_defaults() -> None:
    settings = Settings()
    assert settings.rules() == Rules()
    assert settings.rules().fingerprint() == Rules().fingerprint()
    assert settings.kafka_bootstrap_servers == "127.0.0.1:9092"


def test_the_program_beats_the_environment_and_the_environment_beats_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "centralino.toml").write_text(
        'kafka_bootstrap_servers = "file:1"\nredis_url = "redis://file:1"\ngroup = "file"\npartitions = 3\nport = 1\n'
    )
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "environment:1")
    monkeypatch.setenv("CENTRALINO_GROUP", "environment")
    monkeypatch.setenv("CENTRALINO_PORT", "2")
    settings = Settings(port=3)
    assert (settings.kafka_bootstrap_servers, settings.redis_url) == ("environment:1", "redis://file:1")
    assert (settings.group, settings.partitions, settings.port) == ("environment", 3, 3)


def test_lists_in_the_environment_are_words_or_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CENTRALINO_WINDOWS", "5m, 1h")
    monkeypatch.setenv("CENTRALINO_FCR_WINDOWS", '["7d"]')
    monkeypatch.setenv("CENTRALINO_HISTOGRAM_BOUNDS_SECONDS", "1 2.5")
    monkeypatch.setenv("CENTRALINO_QUEUES", '[{"channel": "phone", "name": "support", "threshold_seconds": 7}]')
    settings = Settings()
    assert (settings.windows, settings.fcr_windows) == (["5m", "1h"], ["7d"])
    assert settings.rules().bounds_ms == (1000, 2500, 7000, 20_000, 30_000, 60_000, 3_600_000, 28_800_000)


def test_a_queue_has_its_own_values_then_its_channels_then_the_defaults(folder: Path) -> None:
    (folder / "centralino.toml").write_text(
        """
        zone = "Europe/Rome"
        [channels.phone]
        threshold_seconds = 15
        target = 0.9
        [[queues]]
        channel = "phone"
        name = "sales"
        short_abandon_seconds = 3
        zone = "America/Lima"
        service_level_variant = "strict"
        """
    )
    settings = Settings()
    rules = settings.rules()
    sales, other, chat = rules.queue("phone", "sales"), rules.queue("phone", "other"), rules.queue("chat", "help")
    assert (sales.threshold_ms, sales.target, sales.short_abandon_ms, sales.zone) == (15_000, 0.9, 3000, "America/Lima")
    assert (other.threshold_ms, other.target, other.short_abandon_ms, other.zone) == (15_000, 0.9, 5000, "Europe/Rome")
    assert (chat.threshold_ms, chat.target, chat.zone) == (60_000, 0.8, "Europe/Rome")
    assert settings.variant("phone", "sales") == "strict"
    assert settings.variant("phone", None) == "short_abandons_excluded"


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"port": "abc"}, r"^port \(CENTRALINO_PORT\): input should be a valid integer"),
        ({"zone": "Rome"}, r"^zone \(CENTRALINO_ZONE\): 'Rome' is no IANA zone; write one as Europe/Rome"),
        ({"windows": ["1h", "9x"]}, r"^windows\.1 \(CENTRALINO_WINDOWS\): window '9x': want today"),
        ({"windows": []}, r"^windows \(CENTRALINO_WINDOWS\): .*at least 1"),
        ({"prot": 1}, r"^prot: there is no such setting; docs/settings\.md lists all$"),
        ({"service_level_variant": "best"}, r"'best' is no variant; there are answered_only"),
        ({"queues": [{"channel": "fax", "name": "x"}]}, r"^queues\.0\.channel .*'fax' is no channel; there are phone"),
        ({"queues": [{"channel": "chat", "name": "x"}] * 2}, r"^queues: chat/x is there twice$"),
        ({"channels": {"fax": {}}}, r"^channels: fax is no channel"),
        ({"redis_url": "http://x"}, r"^redis_url: write redis://"),
        ({"kafka_security_protocol": "SASL_SSL"}, r"^kafka_security_protocol: SASL needs"),
        ({"heartbeat_interval_seconds": 9}, r"^heartbeat_interval_seconds: at most half"),
        ({"key_prefix": "a{b}:"}, r"^key_prefix "),
        ({"kafka_ssl_keyfile": "key.pem"}, r"^kafka_ssl_keyfile: a key needs its certificate"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(wrong: dict[str, object], line: str) -> None:
    with pytest.raises(SettingsError, match=line) as raised:
        Settings(**wrong)
    assert len(raised.value.problems) == 1
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_toml_and_a_variable_that_is_not_json_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTRALINO_QUEUES", "[{")
    with pytest.raises(SettingsError, match="queues"):
        Settings()
    monkeypatch.delenv("CENTRALINO_QUEUES")
    (folder / "centralino.toml").write_text("port = = 1")
    with pytest.raises(SettingsError, match=r"^centralino\.toml is not TOML"):
        Settings()


def test_a_password_is_never_shown() -> None:
    settings = Settings(
        redis_url="redis://user:hush@store:7000/2", redis_password="hush", kafka_sasl_username="user",
        kafka_sasl_password="hush", kafka_security_protocol="SASL_PLAINTEXT",
    )  # fmt: skip
    assert "hush" not in repr(settings) + str(settings)
    assert settings.redis_address == "store:7000/2"
    with pytest.raises(SettingsError) as raised:
        Settings(kafka_sasl_password=["hush"])
    assert "hush" not in str(raised.value)
    assert kafka_options(settings)["sasl_plain_password"] == "hush"
    assert redis_options(settings)["password"] == "hush"


def test_a_certificate_that_cannot_be_read_is_named() -> None:
    settings = Settings(kafka_security_protocol="SSL", kafka_ssl_cafile="nowhere.pem")
    with pytest.raises(SettingsError, match=r"^kafka_ssl.*cannot be read"):
        kafka_options(settings)


def test_every_setting_is_on_its_page() -> None:
    assert PAGE.read_text() == page(), "run `make docs-write`"
    assert all(field.description for field in Settings.model_fields.values())
