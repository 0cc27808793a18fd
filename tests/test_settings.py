"""Settings: where they come from, how a wrong one is told, and the rules that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.settings_page import PAGE, page
from stream.connections import kafka_options, redis_options
from stream.core.rules import DAY, Rules
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
        ({"session_timeout_seconds": 91}, r"^session_timeout_seconds .*less than or equal to 90"),
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


OFFICE = {"name": "office", "hours": {"mon-fri": "09:00-17:00", "sat": "14:00-18:00, 9:00-12:00"}}
NINE_TO_FIVE = ((540, 1020),)


def test_a_calendar_is_written_by_weekday_and_named_by_queues_and_channels(folder: Path) -> None:
    (folder / "centralino.toml").write_text(
        """
        zone = "Europe/Rome"
        [channels.email]
        calendar = "office"
        [[queues]]
        channel = "email"
        name = "complaints"
        [[queues]]
        channel = "phone"
        name = "nights"
        zone = "America/Lima"
        calendar = "nights"
        [[calendars]]
        name = "office"
        hours = {"mon-fri" = "09:00-17:00", "sat" = "14:00-18:00 9:00-12:00"}
        holidays = ["2026-12-24", 2026-12-23]
        [[calendars]]
        name = "nights"
        zone = "America/Lima"
        hours = {"sat-mon" = "22:00-24:00,00:00-06:00"}
        """
    )
    rules = Settings().rules()
    office, nights = rules.queue("email", "complaints").calendar, rules.queue("phone", "nights").calendar
    assert rules.queue("email", "any").calendar is office
    assert (office.zone, nights.zone) == ("Europe/Rome", "America/Lima")
    assert office.weekly == (NINE_TO_FIVE,) * 5 + (((540, 720), (840, 1080)), ())
    assert office.holidays == ("2026-12-23", "2026-12-24")
    assert nights.weekly == (((0, 360), (1320, 1440)), (), (), (), (), *[((0, 360), (1320, 1440))] * 2)
    assert rules.queue("phone", "other").calendar is None


def test_public_holidays_are_closed_in_a_country_and_in_its_parts() -> None:
    def closed(place: str) -> tuple[str, ...]:
        settings = Settings(
            calendars=[OFFICE | {"holidays_of": place, "holidays": ["2026-12-24"]}],
            channels={"chat": {"calendar": "office"}},
        )
        return settings.rules().queue("chat", None).calendar.holidays

    italy, bavaria, berlin = closed("IT"), closed("DE-BY"), closed("DE-BE")
    assert {"2020-04-25", "2026-12-24", "2040-12-26"} <= set(italy)
    assert ("2026-01-06" in bavaria, "2026-01-06" in berlin) == (True, False)
    assert list(italy) == sorted(set(italy))


def test_a_day_starts_where_the_center_says_unless_a_queue_says_otherwise() -> None:
    night = {"channel": "phone", "name": "night"}
    rules = Settings(
        day_starts_at="06:00", queues=[night | {"day_starts_at": "22:30"}, {"channel": "chat", "name": "x"}]
    ).rules()
    assert rules.day_starts_ms == rules.queue("chat", "x").day_starts_ms == 6 * 3_600_000
    assert rules.queue("email", "unknown").day_starts_ms == 6 * 3_600_000
    assert rules.queue("phone", "night").day_starts_ms == 22 * 3_600_000 + 30 * 60_000


def test_how_long_an_agent_may_be_silent_is_counted_with() -> None:
    rules = Settings(agent_silence_seconds=3600, agent_heartbeat_silence_seconds=90).rules()
    assert (rules.agent_silence_ms, rules.heartbeat_silence_ms) == (3_600_000, 90_000)


def test_teams_reasons_and_age_bands_are_read_and_do_not_change_the_counting(folder: Path) -> None:
    (folder / "centralino.toml").write_text(
        'not_ready_reasons = ["lunch"]\nage_bands_hours = [0.5, 2]\n[teams]\nsupport = ["anna", "bob"]\n'
    )
    settings = Settings()
    assert settings.teams == {"support": ["anna", "bob"]}
    assert (settings.not_ready_reasons, settings.age_bands_hours) == (["lunch"], [0.5, 2])
    assert settings.rules().fingerprint() == Rules().fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"calendars": [OFFICE | {"hours": {"mon": "09:00-17:01"}}]},
        {"calendars": [OFFICE | {"holidays": ["2026-12-24"]}]},
        {"calendars": [OFFICE | {"holidays_of": "IT"}]},
        {"calendars": [OFFICE | {"zone": "Europe/Rome"}]},
        {"channels": {}},
        {"queues": [{"channel": "phone", "name": "night", "day_starts_at": "22:30"}]},
        {"day_starts_at": "06:00"},
        {"agent_silence_seconds": 60},
    ],
)
def test_another_calendar_or_day_is_another_fingerprint(change: dict[str, object]) -> None:
    told: dict[str, object] = {"calendars": [OFFICE], "channels": {"chat": {"calendar": "office"}}}
    before = Settings(**told).rules().fingerprint()
    assert before == Settings(**told).rules().fingerprint()
    assert before != Settings(**(told | change)).rules().fingerprint()


def hours(text: str, day: str = "mon") -> dict[str, object]:
    return {"calendars": [{"name": "office", "hours": {day: text}}]}


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (hours("09:00-25:00"), r"^calendars\.0\.hours \(CENTRALINO_CALENDARS\): '25:00' is no time of a day"),
        (hours("9-17"), r"'9' is no time of a day"),
        (hours("09:60-17:00"), r"'09:60' is no time of a day"),
        (hours("24:01-25:00"), r"'24:01' is no time of a day"),
        (hours("always"), r"'always' is no span of a day; write one as 09:00-17:00"),
        (hours("22:00-06:00"), r"'22:00-06:00' ends before it begins; over midnight write"),
        (hours("09:00-09:00"), r"ends before it begins"),
        (hours("14:00-18:00 09:00-14:01"), r"its spans overlap"),
        (hours("09:00-17:00", "monday"), r"'monday' is no weekday; there are mon, tue"),
        (hours("09:00-17:00", "mon-"), r"'' is no weekday"),
        ({"calendars": [OFFICE | {"hours": {"mon-fri": "", "wed": ""}}]}, r"wed is told twice"),
        ({"calendars": [{"name": "office"}]}, r"^calendars\.0\.hours .*field required"),
        ({"calendars": [OFFICE | {"name": ""}]}, r"^calendars\.0\.name .*at least 1"),
        ({"calendars": [OFFICE | {"zone": "Rome"}]}, r"^calendars\.0\.zone .*'Rome' is no IANA zone"),
        ({"calendars": [OFFICE | {"holidays": ["2026-02-30"]}]}, r"^calendars\.0\.holidays\.0 .*'2026-02-30' is no"),
        ({"calendars": [OFFICE | {"holidays": [20261225]}]}, r"'20261225' is no date; write one as 2026-12-25"),
        ({"calendars": [OFFICE | {"holidays_of": "Italy"}]}, r"'Italy' is no country"),
        ({"calendars": [OFFICE | {"holidays_of": "DE-XX"}]}, r"'XX' is no part of DE .*; there are BB, BE"),
        ({"calendars": [OFFICE | {"holidays_of": "IT-"}]}, r"'' is no part of IT"),
        ({"calendars": [OFFICE] * 2}, r"^calendars: 'office' is there twice$"),
        ({"channels": {"chat": {"calendar": "shop"}}}, r"^channels\.chat: there is no calendar 'shop'.*none$"),
        ({"calendars": [OFFICE], "queues": [{"channel": "chat", "name": "x", "calendar": "shop"}]},
         r"^queues: chat/x: there is no calendar 'shop'; there are office$"),
        ({"day_starts_at": "24:00"}, r"^day_starts_at \(CENTRALINO_DAY_STARTS_AT\): '24:00': a day starts"),
        ({"day_starts_at": "06:03"}, r"at a multiple of 5 minutes"),
        ({"queues": [{"channel": "chat", "name": "x", "day_starts_at": "6"}]}, r"^queues\.0\.day_starts_at .*'6' is"),
        ({"agent_silence_seconds": 0}, r"^agent_silence_seconds .*greater than 0"),
        ({"agent_heartbeat_silence_seconds": 0}, r"^agent_heartbeat_silence_seconds .*greater than 0"),
        ({"age_bands_hours": [4, 1]}, r"^age_bands_hours .*: write them ascending, each once"),
        ({"age_bands_hours": [1, 1]}, r"ascending, each once"),
        ({"age_bands_hours": []}, r"^age_bands_hours .*at least 1"),
        ({"age_bands_hours": [0]}, r"^age_bands_hours\.0 .*greater than 0"),
        ({"teams": {"support": "anna"}}, r"^teams\.support .*must be a list"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_or_day_is_named_in_one_line(wrong: dict[str, object], line: str) -> None:
    with pytest.raises(SettingsError, match=line) as raised:
        Settings(**wrong)
    assert len(raised.value.problems) == 1


def test_the_example_of_the_page_can_be_used_as_it_is(folder: Path) -> None:
    (folder / "centralino.toml").write_text(page().partition("```toml\n")[2].partition("```")[0])
    office = Settings().rules().queue("phone", "support").calendar
    assert office is not None
    assert {"2026-12-24", "2026-12-25"} <= set(office.holidays)


def test_every_setting_is_on_its_page() -> None:
    assert PAGE.read_text() == page(), "run `make docs-write`"
    assert all(field.description for field in Settings.model_fields.values())


def test_a_key_of_pseudonyms_comes_from_the_environment_or_a_file_and_is_never_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "a secret of the house that nobody tells"
    assert Settings().pseudonyms() is None
    (folder / "key").write_text(secret + "\n")
    of_file = Settings(pseudonym_key_file=str(folder / "key"))
    monkeypatch.setenv("CENTRALINO_PSEUDONYM_KEY", secret)
    settings = Settings()
    told, other = settings.pseudonyms(), of_file.pseudonyms()
    assert told is not None
    assert other is not None
    assert told.of("c1") == other.of("c1")
    assert secret not in repr(settings) + str(settings.model_dump())
    fingerprints = {each.rules().fingerprint() for each in (settings, of_file)}
    assert len(fingerprints) == 1
    assert fingerprints.isdisjoint({Rules().fingerprint()})
    assert secret not in fingerprints.pop() + settings.rules().pseudonyms


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"pseudonym_key": "too short"}, "pseudonym_key: a key has at least 16 characters"),
        ({"pseudonym_key_file": "nowhere"}, "pseudonym_key_file: nowhere cannot be read: No such file or directory"),
        ({"pseudonym_key": "x" * 16, "pseudonym_key_file": "y"}, "pseudonym_key: it is told twice"),
        ({"keep_customers_days": 3}, "keep_customers_days: 3, and repeats are looked for in 7 days"),
        ({"keep_customers_days": 401}, "keep_customers_days (CENTRALINO_KEEP_CUSTOMERS_DAYS): input should be less"),
        ({"keep_open_days": 20, "keep_closed_days": {"email": 30}}, "keep_open_days: 20, and closed interactions"),
        ({"keep_closed_days": {"fax": 3}}, "keep_closed_days: fax is no channel"),
        ({"keep_closed_days": {"phone": 0}}, "keep_closed_days.phone (CENTRALINO_KEEP_CLOSED_DAYS): input should be"),
    ],
)
def test_a_wrong_setting_of_privacy_is_named_and_the_key_is_not_shown(told: dict[str, object], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**told)
    assert str(caught.value).startswith(fault)
    assert "too short" not in str(caught.value)


def test_keeps_are_those_of_the_settings() -> None:
    rules = Settings(keep_customers_days=90, keep_open_days=60, keep_closed_days={"phone": 1}).rules()
    assert (rules.keep_customers_ms, rules.keep_open_ms) == (90 * DAY, 60 * DAY)
    assert {name: channel.keep_closed_ms // DAY for name, channel in rules.channels.items()} == {
        "phone": 1, "video": 3, "chat": 3, "email": 35, "social": 35,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis+cluster://one:7000,two/1", "a cluster has no databases"),
        ("redis+cluster://one,,two", "no host"),
        ("valkey://one", r"redis\+cluster://"),
    ],
)
def test_a_url_of_redis_that_cannot_be_is_named(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        Settings(redis_url=url)


def test_a_cluster_is_shown_without_its_password() -> None:
    assert Settings(redis_url="rediss+cluster://me:hush@one:7000,two").redis_address == "one:7000,two:6379"
