"""The settings of who may read: a token, or a user with a password, or both; without any the service is open."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

SHORTEST_TOKEN = 16


class Credentials(NamedTuple):
    """What opens the service: the token, or user and password. None: not this way."""

    token: str | None
    user: str | None
    password: str | None


class AccessSettings(BaseSettings):
    """Who may read metrics, API and pages."""

    access_token: SecretStr | None = Field(
        None, description="Token that readers of the service must show (docs/security.md); unset: none."
    )
    access_token_file: str | None = Field(None, description="File that holds that token.")
    access_user: str | None = Field(None, description="User whom readers of the service must name, with a password.")
    access_password: SecretStr | None = Field(None, description="That user's password.")
    access_password_file: str | None = Field(None, description="File that holds that password.")

    @model_validator(mode="after")
    def _can_be_shown(self) -> Self:
        self.credentials()
        return self

    def credentials(self) -> Credentials | None:
        """What opens the service; None: it is open. Raises ValueError, whose message has no part of a secret."""
        token = secret_of("access_token", self.access_token, self.access_token_file)
        password = secret_of("access_password", self.access_password, self.access_password_file)
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise ValueError(
                f"access_token: a token has at least {SHORTEST_TOKEN} characters: take `openssl rand -hex 32`"
            )
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise ValueError("access_token: a token is of ASCII letters, digits and signs, without spaces")
        if self.access_user is not None and (":" in self.access_user or not self.access_user.isprintable()):
            raise ValueError("access_user: a user's name has no colon and nothing that cannot be seen")
        if (self.access_user is None) != (password is None):
            told, missing = ("password", "user") if self.access_user is None else ("user", "password")
            raise ValueError(f"access_{told}: it needs access_{missing} beside it; for a secret alone set access_token")
        return None if token is None and password is None else Credentials(token, self.access_user, password)


def open_to_all(host: str, credentials: Credentials | None) -> bool:
    """Whether others than this machine may read without showing anything.

    >>> [open_to_all(host, None) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0")]
    [False, False, False, True]
    """
    return credentials is None and not (host in ("localhost", "::1") or host.startswith("127."))


def secret_of(name: str, told: SecretStr | None, file: str | None) -> str | None:
    """A secret that is told, or lies in a file. Raises ValueError, whose message has no part of it."""
    if told is not None and file is not None:
        raise ValueError(f"{name}: it is told twice, here and in {name}_file")
    if file is not None:
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"{name}_file: {file} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError(f"{name}_file: {file} is not text in UTF-8") from None
    elif told is not None:
        secret = told.get_secret_value().strip()
    else:
        return None
    if not secret:
        raise ValueError(f"{name if file is None else name + '_file'}: it is empty")
    return secret
