"""Payloads with something wrong in them: in what they say, whatever way it is written, and in their bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

HUGE = 900_000
TOO_LARGE = 2 * 1024 * 1024
DEEP: Any = 0
for _ in range(60):
    DEEP = [{"x": DEEP}]
NUMBERS: list[Any] = [
    0, -1, 1, 0.5, -0.0, 1e308, -1e308, 1e-300, 2**31, 2**53, 2**63, 2**64, -(2**70), 10**30, 1770000000, 1770000000.25,
    1770000000000, 253402300799, 253402300800, 10**18, float("nan"), True, False,
]  # fmt: skip
TEXTS: list[Any] = [
    "", " ", "0", "-1", "1.5", "1e5", "NaN", "null", "true", "None", "NONE", "x", "x" * 129, "x" * 1025, "7" * 40,
    "\ud800", "a\udfffb", "\u0000", "\u202e", "\U0001f600" * 40, "é" * 128, "\n", "|", "a|b|c", ":", "a:b", "/", "%00",
    "1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-1-1T1:00:00Z", "2026-01-01",
    "2026-01-01T00:00:00", "2026-01-01T00:00:00.123456789123Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+99:99",
    "tel:", "+", "+++", "sip:@", "@", "a@b", "a@b@c", "mailto:a@b", "{", "[]", "{}", '{"a":1}', "[[[[", '"', "\\",
    "arn:aws:connect", "a/b/c", "٣٤", "²",
]  # fmt: skip
INSTANTS = [
    "9999-12-31T23:59:59.999999Z", "9999-12-30T23:59:59.999999Z", "1971-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z",
    "0001-01-01T00:00:00Z", "2026-03-01T00:00:00Z",
]  # fmt: skip
LENGTHS = [253402300799, 253402214399, 253402214399999, 10**15, 10**12, 31536001, 31536001000, 1, 0, -1, -(10**12)]
THINGS: list[Any] = [None, [], {}, [None], [[]], [{}], {"": None}, {"id": {}}, [1, "x", {}], ["x"] * 300, DEEP]
SCRAPS = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"null", b"true", b"NaN", b"-", b"1e999", b"9" * 40, b"9" * 5000,
    b"\xff", b"\xc3", b"\x00", b"\n", b"\r\n", b"|", b"&", b"=", b"%", b"%zz", b"%ff", b"%00", b"+", b"\\ud800",
    b"\xf0\x9f\x98\x80", b"\xed\xa0\x80",
]  # fmt: skip
Names = list[str]


def mutant(draw: random.Random, payload: bytes, names: Names) -> bytes:
    """A payload with one to four things wrong. `names`: of fields as the vendor calls them."""
    damaged = payload
    if draw.random() < 0.8:
        damaged = said_otherwise(draw, payload, names)
    if draw.random() < 0.1 or damaged == payload:
        damaged = draw.choice(DAMAGES)(draw, damaged)
    return damaged


def said_otherwise(draw: random.Random, payload: bytes, names: Names) -> bytes:
    """One to four fields of what it says are others, however it is written: JSON, form fields, columns."""
    told = _parsed(payload)
    if draw.random() < 0.05:
        return _written(_at_the_limits(draw, told, draw.choice(INSTANTS), draw.choice(LENGTHS)), payload, draw)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        told = _changed(draw, told, names)
    return _written(told, payload, draw)


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        pass
    text = payload.decode(errors="replace")
    if "|" in text and "=" not in text.partition("|")[0]:
        return text.split("|")
    return dict(parse_qsl(text, keep_blank_values=True))


def _written(told: Any, like: bytes, draw: random.Random) -> bytes:
    try:
        json.loads(like)
    except (ValueError, RecursionError):
        if isinstance(told, list):
            return "|".join(map(_plain, told)).encode(errors="surrogatepass")
        if isinstance(told, dict):
            return urlencode({name: _plain(each) for name, each in told.items()}, errors="surrogatepass").encode()
        return _plain(told).encode(errors="surrogatepass")
    written = json.dumps(told, ensure_ascii=draw.random() < 0.7)
    if draw.random() < 0.05 and isinstance(told, dict) and told:
        name = draw.choice(list(told))
        written = f"{written[:-1]}, {json.dumps(name)}: {json.dumps(_value(draw))}}}"
    return written.encode(errors="surrogatepass")


def _plain(told: Any) -> str:
    return told if isinstance(told, str) else json.dumps(told)


def _value(draw: random.Random) -> Any:
    if draw.random() < 0.004:
        return draw.choice("a1 @.:+-{\\\u0000é") * HUGE
    return draw.choice(draw.choice((NUMBERS, TEXTS, THINGS)))


def _changed(draw: random.Random, told: Any, names: Names) -> Any:
    """The same with something in it changed; anywhere, since what is deep is as likely as what is not."""
    if isinstance(told, dict) and told and draw.random() < 0.95:
        name = draw.choice(list(told))
        inner = told[name]
        if isinstance(inner, dict | list) and inner and draw.random() < 0.8:
            return {**told, name: _changed(draw, inner, names)}
        return _field_changed(draw, told, name, names)
    if isinstance(told, list) and told and draw.random() < 0.9:
        place = draw.randrange(len(told))
        match draw.randrange(8):
            case 0:
                return told[:place] + told[place + 1 :]
            case 1:
                return [*told, told[place]]
            case 2:
                return told[::-1]
            case _:
                return [*told[:place], _changed(draw, told[place], names), *told[place + 1 :]]
    if isinstance(told, str) and draw.random() < 0.5:
        return _text_changed(draw, told, names)
    return _value(draw)


def _at_the_limits(draw: random.Random, told: Any, instant: str, length: int) -> Any:
    """Most of its instants are one, and most of its numbers another."""
    if isinstance(told, dict):
        return {name: _at_the_limits(draw, each, instant, length) for name, each in told.items()}
    if isinstance(told, list):
        return [_at_the_limits(draw, each, instant, length) for each in told]
    if isinstance(told, bool) or draw.random() < 0.3:
        return told
    if isinstance(told, int | float):
        return length
    if isinstance(told, str) and told.isdecimal():
        return str(length)
    return instant if isinstance(told, str) and told[:4].isdecimal() and "T" in told else told


def _field_changed(draw: random.Random, told: dict[str, Any], name: str, names: Names) -> dict[str, Any]:
    value = told[name]
    rest = {each: other for each, other in told.items() if each != name}
    match draw.randrange(9):
        case 0 | 1:
            return rest
        case 2:
            return {**rest, draw.choice(names): value}
        case 3:
            return {**rest, draw.choice((name.upper(), name.lower(), name.swapcase(), f" {name}", f"{name}.x")): value}
        case 4:
            return {**told, name: draw.choice(([value], {"id": value}, {name: value}, str(value), [value, value]))}
        case 5:
            return {**told, draw.choice(names): _value(draw)}
        case 6 if isinstance(value, str):
            return {**told, name: _text_changed(draw, value, names)}
        case 6 if isinstance(value, int | float):
            return {**told, name: draw.choice((-value, value * 1000, value / 1000, value + 0.5, str(value), -(2**63)))}
        case _:
            return {**told, name: _value(draw)}


def _text_changed(draw: random.Random, told: str, names: Names) -> str:
    if told[:1] in {"{", "["}:
        try:
            return json.dumps(_changed(draw, json.loads(told), names))
        except ValueError:
            pass
    if "|" in told:
        columns = _changed(draw, told.split("|"), names)
        return "|".join(map(_plain, columns)) if isinstance(columns, list) else _plain(columns)
    place = draw.randint(0, len(told))
    return draw.choice((
        told[:place], told[place:], told.upper(), told.lower(), told + told, told[::-1], f" {told} ",
        told[:place] + draw.choice("0:/|T.-\u0000é") + told[place:], told[:place] + told[place + 1 :],
    ))  # fmt: skip


def flipped(draw: random.Random, payload: bytes) -> bytes:
    damaged = bytearray(payload or b" ")
    for _ in range(draw.randint(1, 4)):
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
    return bytes(damaged)


def cut(draw: random.Random, payload: bytes) -> bytes:
    return payload[: draw.randint(0, len(payload))]


def spliced(draw: random.Random, payload: bytes) -> bytes:
    place = draw.randint(0, len(payload))
    return payload[:place] + draw.choice(SCRAPS) * draw.randint(1, 3) + payload[place + draw.randint(0, 2) :]


def doubled(draw: random.Random, payload: bytes) -> bytes:
    start = draw.randint(0, len(payload))
    stop = draw.randint(start, len(payload))
    return payload[:stop] + payload[start:stop] + payload[stop:]


def recoded(draw: random.Random, payload: bytes) -> bytes:
    text = payload.decode(errors="replace")
    return draw.choice((
        text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-32"), f"é{text}".encode("latin-1", "replace"),
        text.replace("a", "é").encode("latin-1", "replace"), b"\xef\xbb\xbf" + payload, payload + b"\x00",
        b"\x00" + payload, payload.replace(b",", b"\x00,"), b"", b" ", payload + b"\r\n", payload + payload,
    ))  # fmt: skip


def wrapped(draw: random.Random, payload: bytes) -> bytes:
    return draw.choice((
        b"[" + payload + b"]", b"[" + payload + b"," + payload + b"]", b"[]", b"[[" + payload + b"]]", b"[1,null,{}]",
        b'{"detail":' + payload + b"}", b'{"data":' + payload + b"}",
        json.dumps(payload.decode(errors="replace")).encode(),
        b"[" * 400 + b"]" * 400, b"[" * 401 + payload + b"]" * 401, b'{"a":' * 400 + b"1" + b"}" * 400, b"[" * 100_000,
        b'{"x":' + b"[" * 399 + b"]" * 399 + b"," + payload.lstrip()[1:],
    ))  # fmt: skip


def enlarged(draw: random.Random, payload: bytes) -> bytes:
    if draw.random() < 0.9:
        return payload + b" " * draw.choice((1, 1000, 100_000))
    return draw.choice((payload + b" " * TOO_LARGE, b'{"a":"' + b"x" * TOO_LARGE + b'"}', b"x" * TOO_LARGE))


def junk(draw: random.Random, _: bytes) -> bytes:
    return draw.randbytes(draw.randint(0, 300))


DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [
    flipped, flipped, cut, cut, spliced, spliced, doubled, recoded, wrapped, enlarged, junk,
]  # fmt: skip
