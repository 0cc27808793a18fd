"""The settings of a schema registry, for those who keep their contracts in one."""

from __future__ import annotations

import ssl
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from stream.settings_access import secret_of


class RegistryAccess(NamedTuple):
    """Where the registry is, and what it is shown. `tls` None: by plain HTTP."""

    url: str
    user: str | None
    password: str | None
    tls: ssl.SSLContext | None
    timeout_seconds: float


class RegistrySettings(BaseSettings):
    """A registry that speaks Confluent's API."""

    schema_registry_url: str | None = Field(
        None,
        description="Schema registry with Confluent's API, `https://host:port`, for `centralino schema register`;"
        " unset: none.",
    )
    schema_registry_user: str | None = Field(None, description="User whom the registry knows, with a password.")
    schema_registry_password: SecretStr | None = Field(None, description="That user's password.")
    schema_registry_password_file: str | None = Field(None, description="File that holds that password.")
    schema_registry_cafile: str | None = Field(
        None, description="PEM file of the authorities to trust with `https://`; unset: the system's."
    )
    schema_registry_timeout_seconds: float = Field(
        10, gt=0, le=600, description="How long to wait for each answer of the registry."
    )

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        self.schema_registry()
        return self

    def schema_registry(self) -> RegistryAccess | None:
        """The registry; None: there is none. Raises ValueError, whose message has no part of a secret."""
        password = secret_of(
            "schema_registry_password", self.schema_registry_password, self.schema_registry_password_file
        )
        if (self.schema_registry_user is None) != (password is None):
            told, missing = ("password", "user") if self.schema_registry_user is None else ("user", "password")
            raise ValueError(f"schema_registry_{told}: it needs schema_registry_{missing} beside it")
        if self.schema_registry_user is not None and ":" in self.schema_registry_user:
            raise ValueError("schema_registry_user: a user's name has no colon")
        if self.schema_registry_url is None:
            return None
        fault = _strange(self.schema_registry_url)
        if fault:
            raise ValueError(f"schema_registry_url: {fault}")
        tls = _tls(self.schema_registry_cafile) if self.schema_registry_url.startswith("https:") else None
        return RegistryAccess(
            self.schema_registry_url.rstrip("/"), self.schema_registry_user, password, tls,
            self.schema_registry_timeout_seconds,
        )  # fmt: skip


def _strange(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = None
    if not known or parts.query or parts.fragment:
        return "write https://host:port, with a path where the registry has one"
    if parts.username is not None or parts.password is not None:
        return "user and password go into schema_registry_user and schema_registry_password"
    return None


def _tls(authorities: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"schema_registry_cafile: it cannot be read: {error}") from None
