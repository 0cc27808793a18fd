"""The settings of a schema registry: where it is, who we are there, and what is wrong with them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from stream.settings import Settings
from stream.settings_error import SettingsError


def test_without_an_address_there_is_no_registry() -> None:
    assert Settings().schema_registry() is None


def test_address_and_password_come_from_settings_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("open-sesame\n")
    monkeypatch.setenv("CENTRALINO_SCHEMA_REGISTRY_URL", "http://registry:8081/apis/ccompat/v7/")
    plain = Settings().schema_registry()
    assert plain == ("http://registry:8081/apis/ccompat/v7", None, None, None, 10)
    known = Settings(
        schema_registry_url="https://registry", schema_registry_user="ada", schema_registry_timeout_seconds=3,
        schema_registry_password_file=str(tmp_path / "password"),
    ).schema_registry()  # fmt: skip
    assert known is not None
    assert (known.user, known.password, known.timeout_seconds) == ("ada", "open-sesame", 3)
    assert isinstance(known.tls, ssl.SSLContext)
    assert known.tls.check_hostname


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"schema_registry_url": "registry:8081"}, "write https://host:port"),
        ({"schema_registry_url": "https://"}, "write https://host:port"),
        ({"schema_registry_url": "http://registry:port"}, "write https://host:port"),
        ({"schema_registry_url": "http://registry?x=1"}, "write https://host:port"),
        ({"schema_registry_url": "http://ada:sesame@registry"}, "go into schema_registry_user"),
        ({"schema_registry_user": "ada"}, "it needs schema_registry_password"),
        ({"schema_registry_password": "sesame"}, "it needs schema_registry_user"),
        ({"schema_registry_user": "a:b", "schema_registry_password": "sesame"}, "no colon"),
        ({"schema_registry_url": "https://r", "schema_registry_cafile": "/none.pem"}, "schema_registry_cafile"),
        ({"schema_registry_timeout_seconds": 0}, "CENTRALINO_SCHEMA_REGISTRY_TIMEOUT_SECONDS"),
    ],
)
def test_a_wrong_one_is_named_without_the_secret(told: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**told)
    assert named in str(caught.value)
    assert "sesame" not in str(caught.value)
