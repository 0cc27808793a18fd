"""The settings of who may read: from where a secret comes, and what is wrong with it, without telling it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream.settings import Settings
from stream.settings_access import Credentials
from stream.settings_error import SettingsError

TOKEN = "0123456789abcdef-secret"


def test_without_any_the_service_is_open() -> None:
    assert Settings().credentials() is None


def test_secrets_come_from_settings_or_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token, password = tmp_path / "token", tmp_path / "password"
    token.write_text(TOKEN + "\n")
    password.write_text("grüße\n")
    settings = Settings(access_token_file=str(token), access_user="ada", access_password_file=str(password))
    assert settings.credentials() == Credentials(TOKEN, "ada", "grüße")
    monkeypatch.setenv("CENTRALINO_ACCESS_TOKEN", TOKEN)
    assert Settings().credentials() == Credentials(TOKEN, None, None)
    assert TOKEN not in repr(Settings())


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"access_password": "secret-word"}, "access_user"),
        ({"access_user": "ada"}, "access_password"),
        ({"access_token": "secret-word"}, "at least 16"),
        ({"access_token": "  "}, "empty"),
        ({"access_token": "secret-word with spaces"}, "spaces"),
        ({"access_token": "secret-word-grüße-und-mehr"}, "ASCII"),
        ({"access_user": "a:b", "access_password": "secret-word"}, "colon"),
        ({"access_token": TOKEN, "access_token_file": "token"}, "twice"),
        ({"access_token_file": "nowhere/token"}, "cannot be read"),
        ({"access_user": "ada", "access_password_file": "."}, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_and_the_secret_is_not(told: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**told)
    assert named in str(caught.value)
    assert "secret" not in str(caught.value).removesuffix("for a secret alone set access_token")
