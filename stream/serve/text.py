"""The text of a scrape: byte for byte what prometheus-client's encoder says, in a fraction of its time.

Most of that time goes into the names and labels of series, which are the same from scrape to scrape. So the encoder is
asked for them once, with zeros, and what it writes beside the values is remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain

import orjson
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.utils import floatToGoString

from stream.serve.families import Samples, Series, Values, family

Encode = Callable[["_Collected"], bytes]
_ZERO = b"0.0"
_LEAST, _MILLION = 0.0001, 1_000_000
_VALUE, _NULL = b"%b", b"null"
_TOGETHER = 200
"""So many runs are written at once: a family's lines are 3 MB, and there for a while in pieces too."""
_Known = tuple[list[Series], bytes, list[bytes]]
"""A family's series, comments, and lines without values."""
_number: Callable[[float], str] = floatToGoString


def _lines(template: bytes, values: Values) -> bytes:
    """The samples of some runs. JSON's encoder, which is fast, writes most numbers as they are wanted."""
    without = values.count(None)
    numbers = [each if each is None else float(each) for each in values]
    json = orjson.dumps(numbers)
    said = json[1:-1].split(b",") if numbers else []
    plain = b"e" not in json and b"0.0000" not in json and json.count(_NULL) == without
    told = list(filter(None, numbers))
    if not plain or max(told, default=0.0) >= _MILLION or min(told, default=0.0) <= -_MILLION:
        for place, number in enumerate(numbers):
            if number and not _LEAST <= abs(number) < _MILLION:
                said[place] = _number(number).encode()
    text = template % tuple(said)
    if without:
        return b"\n".join([line for line in text.split(b"\n") if not line.endswith(b" null")])
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
        self._known: dict[str, _Known] = {}
        self._end = self._said([])

    async def of(self, samples: Samples) -> list[bytes]:
        """The text of a scrape in parts, made a family at a time; others go on in between."""
        parts: list[bytes] = []
        for name, entries in samples.by_family.items():
            series = [each for each, _ in entries]
            known = self._known.get(name)
            if known is None or known[0] != series:
                known = self._known[name] = self._learned(name, series)
            _, head, templates = known
            parts.append(head)
            for number, template in enumerate(templates):
                some = entries[number * _TOGETHER : (number + 1) * _TOGETHER]
                parts.append(_lines(template, list(chain.from_iterable([values for _, values in some]))))
            await asyncio.sleep(0)
        return [*parts, self._end]

    def _learned(self, name: str, series: list[Series]) -> _Known:
        """A family; only what is new is asked for."""
        head = self._said([family(name, [])]).removesuffix(self._end)
        before, _, templates = self._known.get(name, ([], b"", []))
        lines = iter(b"".join(templates).split(b"\n"))
        known = {each: [next(lines) for _ in each[1].each] for each in before}
        new = [each for each in series if each not in known]
        zeros = [(each, [0.0] * len(each[1].each)) for each in new]
        said = self._said([family(name, zeros)]).removeprefix(head).removesuffix(self._end)
        begins = (line.removesuffix(_ZERO).replace(b"%", b"%%") + _VALUE for line in said.split(b"\n"))
        known |= {each: [next(begins) for _ in each[1].each] for each in new}
        starts = range(0, len(series), _TOGETHER)
        groups = (chain.from_iterable(map(known.__getitem__, series[at : at + _TOGETHER])) for at in starts)
        return series, head, [b"".join([line + b"\n" for line in group]) for group in groups]

    def _said(self, families: Sequence[Family]) -> bytes:
        return self._encode(_Collected(families))
