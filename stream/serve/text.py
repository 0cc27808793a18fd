"""The text of a scrape: byte for byte what prometheus-client's encoder says, in a fraction of its time.

Most of that time goes into the names and labels of series, which are the same from scrape to scrape. So the encoder is
asked for them once, with zeros, and what it writes beside the values is remembered; so is the text of a run whose
values stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.serve.families import Samples, Series, Values, family

Encode = Callable[["_Collected"], bytes]
_ZERO = b"0.0"
_SPARE, _MILLION = 1000, 1_000_000
_VALUE = b"%a\n"
_number: Callable[[float], str] = floatToGoString


def _lines(template: bytes, values: Values) -> bytes:
    """The samples of a run; numbers below a million, as most are, are written without asking."""
    numbers = tuple([each if each is None else float(each) for each in values])
    if sum(map(abs, filter(None, numbers))) < _MILLION:
        text = template % numbers
    else:
        said = tuple([b"None" if each is None else _number(each).encode() for each in numbers])
        text = template.replace(_VALUE, b"%b\n") % said
    if None in numbers:
        return b"\n".join([line for line in text.split(b"\n") if not line.endswith(b" None")])
    return text


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
            lines.append(self._head(name, entries))
            for series, values in entries:
                template, before, text = known[series]
                if values != before:
                    text = _lines(template, values)
                    known[series] = template, values, text
                lines.append(text)
            await asyncio.sleep(0)
        return [*lines, self._end]

    def _head(self, name: str, entries: Sequence[tuple[Series, Values]]) -> bytes:
        """A family's comments; learns how its new series begin."""
        if name not in self._heads:
            self._heads[name] = self._said([family(name, [])]).removesuffix(self._end)
        head = self._heads[name]
        new = [(series, [0.0] * len(values)) for series, values in entries if series not in self._known]
        if new:
            said = self._said([family(name, new)]).removeprefix(head).removesuffix(self._end)
            begins = (line.removesuffix(_ZERO).replace(b"%", b"%%") for line in said.split(b"\n"))
            for series, values in new:
                template = b"".join([next(begins) + _VALUE for _ in values])
                self._known[series] = template, (), b""
        return head

    def _said(self, families: Sequence[Family]) -> bytes:
        return self._encode(_Collected(families))
