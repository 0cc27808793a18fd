"""The settings of platforms whose own payloads we take: whose they are, what their names mean, who may send them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from schemas.customers import Survey
from schemas.envelope import Channel
from schemas.interactions import FlowOutcome
from schemas.sources.options import Options, Question
from schemas.topics import SOURCES


def _known(name: str) -> str:
    if name not in SOURCES:
        raise ValueError(f"{name!r} is no platform that we know; there are {', '.join(SOURCES)}")
    return name


def _list(value: object) -> object:
    """One secret alone is a list of it."""
    return [value] if isinstance(value, str) else value


def _whole(url: str) -> str:
    """A URL as a vendor calls it."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and not parts.fragment and url.isprintable()
        whole = whole and " " not in url and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("write the whole URL that the vendor calls, as https://hooks.example.org/in/twilio")
    return url


def _table(names: list[str], what: str, value: object) -> object:
    """Say which settings there are, where one is written that is not."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is a table")  # noqa: TRY004 - pydantic makes a fault of this one
    strange = next((name for name in value if name not in names), None)
    if strange is not None:
        raise ValueError(f"{what} has no setting {strange!r}; there are {', '.join(names)}")
    return value


Name = Annotated[str, Field(min_length=1, max_length=128)]
SHORTEST_SECRET = 8
NO_WEBHOOKS = ("asterisk",)
"""Platforms that send none: their logs are read."""


class QuestionSettings(BaseModel):
    """A question of a survey, by its reference: what it asks for, and its scale where that is not ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    survey: Survey = Field(description="What it asks for.")
    lowest: int | None = Field(None, description="Lowest answer of the vendor's scale; unset: ours.")
    highest: int | None = Field(None, description="Highest answer of the vendor's scale; unset: ours.")
    reversed: bool = Field(False, description="Whether the lowest answer is the best.")

    @model_validator(mode="before")
    @classmethod
    def _is_a_table(cls, value: Any) -> Any:
        return _table(list(cls.model_fields), "a question", value)

    @model_validator(mode="after")
    def _is_a_scale(self) -> QuestionSettings:
        if (self.lowest is None) != (self.highest is None):
            raise ValueError("a scale has a lowest and a highest answer: write both, or none")
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise ValueError("the highest answer must be above the lowest")
        return self


class SourceSettings(BaseModel):
    """One platform, as `[sources.<vendor>]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    instance: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="Account, system or house that the payloads come from, where they do not tell it."
    )
    queues: dict[Name, Name] = Field({}, description="The vendor's id or name of a queue → ours.")
    agents: dict[Name, Name] = Field({}, description="The vendor's id or name of an agent → ours.")
    channels: dict[Name, Channel] = Field({}, description="The vendor's word for a channel → ours.")
    outcomes: dict[Name, FlowOutcome] = Field(
        {}, description="A pressed key, or the vendor's word for why a customer was let go → our outcome."
    )
    questions: dict[Name, QuestionSettings] = Field({}, description="A survey question's reference → what it asks.")
    secrets: Annotated[list[SecretStr], BeforeValidator(_list)] = Field(
        [], description="What the vendor signs with, or shows, at `POST /in/<vendor>`; several while one is changed."
    )
    secrets_file: str | None = Field(None, description="File with those secrets, one a line.")
    url: Annotated[str, AfterValidator(_whole)] | None = Field(
        None, description="URL that the vendor calls, where it signs that too and a proxy changes it."
    )

    def options(self) -> Options:
        """What the adapter is told."""
        questions = {name: Question(**each.model_dump()) for name, each in self.questions.items()}
        return Options(
            instance=self.instance, queues=self.queues, agents=self.agents, channels=self.channels,
            outcomes=self.outcomes, questions=questions,
        )  # fmt: skip

    def keys(self) -> tuple[bytes, ...]:
        """The secrets; empty: nobody may send. Raises ValueError, whose message has no part of one."""
        if self.secrets and self.secrets_file is not None:
            raise ValueError("secrets: they are told twice, here and in secrets_file")
        told = [each.get_secret_value().strip() for each in self.secrets]
        if self.secrets_file is not None:
            try:
                told = [line.strip() for line in Path(self.secrets_file).read_text(encoding="utf-8-sig").splitlines()]
            except OSError as error:
                raise ValueError(f"secrets_file: {self.secrets_file} cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ValueError(f"secrets_file: {self.secrets_file} is not text in UTF-8") from None
            told = [line for line in told if line]
            if not told:
                raise ValueError("secrets_file: it is empty")
        if any(len(secret) < SHORTEST_SECRET for secret in told):
            raise ValueError(f"secrets: a secret has at least {SHORTEST_SECRET} characters")
        return tuple(secret.encode() for secret in told)

    @model_validator(mode="before")
    @classmethod
    def _is_a_table(cls, value: Any) -> Any:
        return value if isinstance(value, cls) else _table(list(cls.model_fields), "a platform", value)

    @model_validator(mode="after")
    def _can_be_read(self) -> SourceSettings:
        self.keys()
        return self


_UNSET = SourceSettings.model_validate({})


class SourcesSettings(BaseSettings):
    """Platforms by name."""

    sources: dict[Annotated[str, AfterValidator(_known)], SourceSettings] = Field(
        {}, description="Platforms whose own payloads are taken (docs/sources.md)."
    )

    @model_validator(mode="after")
    def _sends(self) -> SourcesSettings:
        for name in NO_WEBHOOKS:
            if self.source(name).keys():
                raise ValueError(f"sources.{name}.secrets: {name} sends no webhooks; its log is read (centralino tail)")
        return self

    def source(self, vendor: str) -> SourceSettings:
        """What is set for a vendor."""
        return self.sources.get(vendor) or _UNSET
