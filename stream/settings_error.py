"""What is wrong with a setting, in one line each: its names, the fault, what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from pydantic_settings import BaseSettings

OF_A_KEY = "[key]"
"""What pydantic puts behind a key that is at fault itself."""
_IN_TOML = {"dict_type": "it must be a table", "list_type": "it must be a list", "string_type": "it must be a text"}


class SettingsError(ValueError):
    """One or more wrong settings: `problems` has a line for each; the message is all of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def explained(settings: type[BaseSettings], error: ErrorDetails) -> str:
    """One line for one of pydantic's errors. Values are left out: they may be secrets."""
    fault = _IN_TOML.get(error["type"], error["msg"].removeprefix("Value error, "))
    fault = fault[:1].lower() + fault[1:] if not fault.startswith(("SASL", "URL")) else fault
    if not error["loc"]:
        return fault
    first = str(error["loc"][0])
    name = next((name for name, each in settings.model_fields.items() if first in (name, each.validation_alias)), first)
    place = ".".join([name, *(str(part) for part in error["loc"][1:] if part != OF_A_KEY)])
    field = settings.model_fields.get(name)
    if field is None:
        return f"{place}: there is no such setting; docs/settings.md lists all"
    return f"{place} ({variable(settings, name)}): {fault}. {field.description}"


def variable(settings: type[BaseSettings], name: str) -> str:
    """The environment variable of a setting."""
    alias = settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else f"{settings.model_config.get('env_prefix', '')}{name}".upper()
