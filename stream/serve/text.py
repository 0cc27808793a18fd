"""The text of a scrape: byte for byte what prometheus-client's encoder says, in a fraction of its time.

Most of that time goes into the names and labels of series, which are the same from scrape to scrape. So the encoder is
asked for them once, with zeros, and what it writes beside the values is remembered; so is the text of a run whose
values stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import orjson
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.serve.families import Samples, Series, Values, family

Encode = Callable[["_Collected"], bytes]
_ZERO = b"0.0"
_SPARE, _LEAST, _MILLION = 1000, 0.0001, 1_000_000
_VALUE, _NULL = b"%b\n", b"null"
_number: Callable[[float], str] = floatToGoString


def _lines(template: bytes, values: Values) -> bytes:
    """The samples of a run. JSON's encoder, which is fast, writes most numbers as they are wanted."""
    without = values.count(None)
    numbers = [each if each is None else float(each) for each in values]
    json = orjson.dumps(numbers)
    said = json[1:-1].split(b",") if numbers else []
    plain = b"e" not in json and b"0.0000" not in json and json.count(_NULL) == without
    if not plain or max(map(abs, filter(None, numbers)), default=0.0) >= _MILLION:
        said = list(map(_said, numbers, said))
    text = template % tuple(said)
    if without:
        return b"\n".join([line for line in text.split(b"\n") if not line.endswith(b" null")])
    return text


def _said(number: float | None, json: bytes) -> bytes:
    """A number as prometheus-client writes it, where that may be another way than JSON's."""
    if not number or _LEAST <= abs(number) < _MILLION:
        return json
    return _number(number).encode()


class _Collected:
    """A registry of given families."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = families

    def collect(self) -> Sequence[Family]:
        return self._families


class Text:
    """One format. `encode`: prometheus-client's encoder of it."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[Series, tuple[bytes, Values, bytes]] = {}
        self._heads: dict[str, bytes] = {}
        self._end = self._said([])

    async def of(self, samples: Samples) -> list[bytes]:
        """The text of a scrape in parts, made a family at a time; others go on in between."""
        if len(self._known) > 2 * sum(map(len, samples.by_family.values())) + _SPARE:
            self._known.clear()
        known, lines = self._known, []
        for name, entries in samples.by_family.items():
            lines.append(self._head(name))
            for series, values in entries:
                found = known.get(series)
                if found is None:
                    self._learn(name, entries)
                    found = known[series]
                template, before, text = found
                if values != before:
                    text = _lines(template, values)
                    known[series] = template, values, text
                lines.append(text)
            await asyncio.sleep(0)
        return [*lines, self._end]

    def _head(self, name: str) -> bytes:
        """A family's comments."""
        if name not in self._heads:
            self._heads[name] = self._said([family(name, [])]).removesuffix(self._end)
        return self._heads[name]

    def _learn(self, name: str, entries: Sequence[tuple[Series, Values]]) -> None:
        """How the new series of a family begin."""
        new = [(series, [0.0] * len(values)) for series, values in entries if series not in self._known]
        said = self._said([family(name, new)]).removeprefix(self._heads[name]).removesuffix(self._end)
        begins = (line.removesuffix(_ZERO).replace(b"%", b"%%") for line in said.split(b"\n"))
        for series, values in new:
            template = b"".join([next(begins) + _VALUE for _ in values])
            self._known[series] = template, (), b""

    def _said(self, families: Sequence[Family]) -> bytes:
        return self._encode(_Collected(families))
