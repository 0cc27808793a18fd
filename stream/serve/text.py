"""The text of a scrape: byte for byte what prometheus-client's encoder says, in a fraction of its time.

Most of that time goes into the names and labels of series, which are the same from scrape to scrape. So the encoder is
asked for them once, with zeros, and what it writes before the value is remembered; so is the text of a run whose values
stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.serve.families import Samples, Series, Values, family

Encode = Callable[["_Collected"], bytes]
_ZERO = "0.0"
_SPARE, _MILLION = 1000, 1_000_000
_number: Callable[[float], str] = floatToGoString


def _lines(begins: Sequence[str], values: Values) -> str:
    """The samples of a run; numbers below a million, as most are, are written without asking."""
    return "".join(
        [
            f"{begin}{value}.0\n" if type(value) is int and -_MILLION < value < _MILLION
            else f"{begin}{value}\n" if type(value) is float and -_MILLION < value < _MILLION
            else f"{begin}{_number(value)}\n"
            for begin, value in zip(begins, values, strict=True)
            if value is not None
        ]
    )  # fmt: skip


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
        self._known: dict[Series, tuple[list[str], Values, str]] = {}
        self._heads: dict[str, str] = {}
        self._end = self._said([])

    async def of(self, samples: Samples) -> bytes:
        """The text of a scrape, made a family at a time; others go on in between."""
        if len(self._known) > 2 * sum(map(len, samples.by_family.values())) + _SPARE:
            self._known.clear()
        known, lines = self._known, []
        for name, entries in samples.by_family.items():
            lines.append(self._head(name, entries))
            for series, values in entries:
                begins, before, text = known[series]
                if len(begins) == 1 or values != before:
                    text = _lines(begins, values)
                    known[series] = begins, values, text
                lines.append(text)
            await asyncio.sleep(0)
        lines.append(self._end)
        return "".join(lines).encode()

    def _head(self, name: str, entries: Sequence[tuple[Series, Values]]) -> str:
        """A family's comments; learns how its new series begin."""
        if name not in self._heads:
            self._heads[name] = self._said([family(name, [])]).removesuffix(self._end)
        head = self._heads[name]
        new = [(series, [0.0] * len(values)) for series, values in entries if series not in self._known]
        if new:
            said = self._said([family(name, new)]).removeprefix(head).removesuffix(self._end)
            begins = (line.removesuffix(_ZERO) for line in said.split("\n"))
            for series, values in new:
                self._known[series] = [next(begins) for _ in values], (), ""
        return head

    def _said(self, families: Sequence[Family]) -> str:
        return self._encode(_Collected(families)).decode()
