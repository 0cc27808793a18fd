"""docs/settings.md, written from the settings themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.topics import SOURCES
from stream.settings import FILE, Settings
from stream.settings_calendars import CalendarSettings
from stream.settings_error import variable
from stream.settings_rules import ChannelSettings, QueueSettings
from stream.settings_sources import QuestionSettings, SourceSettings

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"

HEAD = f"""\
# Settings

<!-- Written from stream/settings.py by `make docs-write`; not by hand. -->

Each setting is read from the environment, else from `{FILE}` in the working folder, else it has its default.
In the file it is called as in the first column. In the environment lists are words with spaces or commas between them,
tables are JSON. A wrong setting stops the start with one line that names it.

Workers with different counting settings (zone, calendars, thresholds, caps, bounds, repeat window, silences, journeys,
keeps, the key of pseudonyms) on one store refuse to start. Public holidays come from the Python library `holidays`: a
newer one may know other dates, which are other settings; to stand still, write the dates yourself.
"""

EXAMPLE = """\
## Example

```toml
zone = "Europe/Rome"
windows = ["5m", "30m", "1h", "today"]

[channels.phone]
threshold_seconds = 20
target = 0.8

[[queues]]
channel = "phone"
name = "support"
threshold_seconds = 30
short_abandon_seconds = 5
zone = "Europe/Rome"
calendar = "office"
day_starts_at = "06:00"

[[calendars]]
name = "office"
hours = {"mon-fri" = "09:00-17:00", "sat" = "09:00-12:00 14:00-18:00"}
holidays_of = "IT"
holidays = ["2026-12-24"]

[[calendars]]
name = "nights"
hours = {"mon-sun" = "22:00-24:00 00:00-06:00"}

[teams]
support = ["anna", "bob"]

[sources.twilio]
secrets = ["the auth token of the account"]
queues = {"Support Queue" = "support"}
agents = {"WK0123456789abcdef0123456789abcdef" = "anna"}

[sources.surveys.questions.nps-question]
survey = "nps"
```

A span is open from its first minute to the one before its end, by the calendar's local clock: an hour that a clock
change skips is no business time, one that it repeats counts twice. `today` of a queue whose day starts at 06:00 is
yesterday's until then; buckets of days are those of the calendar date, from midnight.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([
        HEAD,
        "| setting | environment | default | what |",
        "| --- | --- | --- | --- |",
        *_rows(Settings, with_variable=True),
        "",
        "## A channel: `[channels.NAME]`",
        "",
        "| setting | default | what |",
        "| --- | --- | --- |",
        *_rows(ChannelSettings),
        "",
        "## A queue: `[[queues]]`",
        "",
        "| setting | default | what |",
        "| --- | --- | --- |",
        *_rows(QueueSettings),
        "",
        "## Opening hours: `[[calendars]]`",
        "",
        "| setting | default | what |",
        "| --- | --- | --- |",
        *_rows(CalendarSettings),
        "",
        "## A platform: `[sources.VENDOR]`",
        "",
        "Vendors: " + ", ".join(f"`{name}`" for name in SOURCES) + ".",
        "",
        "| setting | default | what |",
        "| --- | --- | --- |",
        *_rows(SourceSettings),
        "",
        "A question: `[sources.VENDOR.questions.REFERENCE]`",
        "",
        "| setting | default | what |",
        "| --- | --- | --- |",
        *_rows(QuestionSettings),
        "",
        EXAMPLE,
    ])  # fmt: skip


def _rows(model: type[BaseModel], *, with_variable: bool = False) -> list[str]:
    rows = []
    for name, field in model.model_fields.items():
        what = _escaped(f"{_choices(field.annotation)}{field.description}")
        default = "required" if field.is_required() else _written(field.default)
        place = [f"`{variable(model, name)}`"] if with_variable and issubclass(model, Settings) else []
        rows.append(f"| {' | '.join([f'`{name}`', *place, default, what])} |")
    return rows


def _choices(annotation: Any) -> str:
    if get_origin(annotation) is Union or get_origin(annotation) is None:
        return ""
    values = [value for value in get_args(annotation) if isinstance(value, str)]
    return f"One of {', '.join(f'`{value}`' for value in values)}. " if values else ""


def _written(default: Any) -> str:
    if default is None or default in ("", [], {}):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, list):
        return f"`{' '.join(_number(each) for each in default)}`"
    if isinstance(default, dict):
        return f"`{json.dumps(default)}`"
    return f"`{_number(default)}`"


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
