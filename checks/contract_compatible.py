"""What a contract no longer promises that another one did: within a major version there may be only additions.

Who sends to us by the old one must still be understood, who reads us by the old one must still understand: what we take
may become wider and what we tell narrower, never the reverse. Descriptions are no promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Direction = Literal["in", "out"]
Schema = dict[str, Any]
Documents = dict[str, Any]
"""By place in docs/contract/, as `contract_page.documents` gives them."""

ASYNCAPI = "asyncapi.json"
OPEN = "x-extensible-enum"
WORDS = frozenset({"$schema", "$id", "$defs", "title", "description"})
"""What says nothing about a value."""
_JUDGED = WORDS | {"type", "properties", "required", "items", "additionalProperties", "enum", "const", OPEN}
_LOWEST, _HIGHEST = ("minimum", "minLength"), ("maximum", "maxLength")
_NOBODY, _NULL = object(), {"type": "null"}


class Break(NamedTuple):
    """A promise that is not kept. `where`: direction, type and field; `what` has changed."""

    where: str
    what: str


def breaks(old: Documents, new: Documents) -> list[Break]:
    """All of them, by type, then topic."""
    found = []
    for place, schema in old.items():
        if place == ASYNCAPI:
            found += list(_of_topics(schema, new[place]))
        elif place not in new:
            found.append(Break(_named(place), "the type is gone"))
        else:
            one = _Pair(schema, new[place], "in" if place.startswith("in/") else "out")
            found += [Break(f"{_named(place)}{where}", what) for where, what in one.compared()]
    return found


def promises(schema: Any) -> Any:
    """A document without its words."""
    if isinstance(schema, list):
        return [promises(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    fields = schema.get("properties")
    found = {name: promises(each) for name, each in schema.items() if name not in WORDS - {"$defs"}}
    if isinstance(fields, dict):
        found["properties"] = {name: promises(each) for name, each in fields.items()}
    return found


def _named(place: str) -> str:
    direction, _, name = place.removesuffix(".schema.json").partition("/")
    return f"{name} ({direction})"


class _Pair:
    """A type as it was and as it is."""

    def __init__(self, old: Schema, new: Schema, direction: Direction) -> None:
        self._old, self._new, self._direction = old, new, direction

    def compared(self) -> Iterator[Break]:
        """What is not kept, each with its field."""
        return self._compared(self._old, self._new, "")

    def _compared(self, old: Any, new: Any, where: str) -> Iterator[Break]:
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        if self._kind(old, new):
            yield Break(where, f"it was {_type(old)} and is {_type(new)}")
            return
        for what in (*self._values(old, new), *self._bounds(old, new), *self._other(old, new)):
            yield Break(where, what)
        yield from self._fields(old, new, where)
        for inner, mark in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(old.get(inner), dict) and isinstance(new.get(inner), dict):
                yield from self._compared(old[inner], new[inner], where + mark)
            elif old.get(inner) != new.get(inner):
                yield Break(where, f"{inner} was {old.get(inner)} and is {new.get(inner)}")

    def _kind(self, old: Schema, new: Schema) -> bool:
        """Whether it is of another type: we may take `null`, or any number, where we did not, and tell it no more."""
        before, after = _types(old), _types(new)
        if self._direction == "in":
            return bool(before - after - ({"integer"} if "number" in after else set()))
        return before - {"null"} != after - {"null"} or bool(after - before)

    def _values(self, old: Schema, new: Schema) -> Iterator[str]:
        before, after = _listed(old), _listed(new)
        if before is None or after is None:
            if before is not after and (after is None) != (self._direction == "in"):
                yield "any value is told" if after is None else f"only {_told(after)} is taken"
            return
        if OPEN in new and OPEN not in old:
            yield "its list of values was closed and is open"
        if gone := [each for each in before if each not in after]:
            yield f"the value {_told(gone)} is gone"
        added = [each for each in after if each not in before]
        if added and self._direction == "out" and OPEN not in old:
            yield f"the value {_told(added)} is new, in a list that is closed"

    def _bounds(self, old: Schema, new: Schema) -> Iterator[str]:
        for names, sign in ((_LOWEST, 1), (_HIGHEST, -1)):
            for name in names:
                before, after = old.get(name), new.get(name)
                low = float("-inf")
                rise = (low if after is None else sign * after) - (low if before is None else sign * before)
                if before != after and (rise > 0) == (self._direction == "in"):
                    yield f"{name} was {_told([before])} and is {_told([after])}"

    def _other(self, old: Schema, new: Schema) -> Iterator[str]:
        """What is not judged by its sense must be as it was."""
        for name in sorted((old.keys() | new.keys()) - _JUDGED - {*_LOWEST, *_HIGHEST}):
            before, after = promises(old.get(name, _NOBODY)), promises(new.get(name, _NOBODY))
            if before != after:
                yield f"{name} was {_told([before])} and is {_told([after])}"

    def _fields(self, old: Schema, new: Schema, where: str) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self._compared(schema, after[name], f"{where}.{name}")
            else:
                yield Break(f"{where}.{name}", "the field is gone")
        needed = set(old.get("required", ())), set(new.get("required", ()))
        if self._direction == "in":
            for name in sorted(needed[1] - needed[0]):
                yield Break(f"{where}.{name}", "the field is required now")
        else:
            for name in sorted((needed[0] - needed[1]) & after.keys()):
                yield Break(f"{where}.{name}", "the field may be absent now")


def _resolved(schema: Schema, document: Schema) -> Schema:
    """A schema in the place of a reference to it, or of a choice between it and `null`."""
    if "anyOf" in schema:
        (inner,) = [_resolved(each, document) for each in schema["anyOf"] if each != _NULL]
        return {**inner, "type": [inner["type"], "null"]}
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].removeprefix("#/$defs/")
    return {**document["$defs"][name], **{key: each for key, each in schema.items() if key != "$ref"}}


def _types(schema: Schema) -> set[str]:
    told = schema.get("type", [])
    return {told} if isinstance(told, str) else set(told)


def _type(schema: Schema) -> str:
    return " or ".join(sorted(_types(schema))) or "any"


def _listed(schema: Schema) -> list[Any] | None:
    found = [schema["const"]] if "const" in schema else schema.get("enum", schema.get(OPEN))
    return None if found is None else [each for each in found if each is not None]


def _told(values: list[Any]) -> str:
    return ", ".join("not set" if each in (None, _NOBODY) else f"{each}" for each in values)


def _of_topics(old: Schema, new: Schema) -> Iterator[Break]:
    for name, channel in old["channels"].items():
        where = f"topic {name}"
        now = new["channels"].get(name)
        if now is None:
            yield Break(where, "the topic is gone")
            continue
        if channel["address"] != now["address"]:
            yield Break(where, f"it is called {now['address']} now")
        for message in channel["messages"]:
            if message not in now["messages"]:
                yield Break(where, f"{message} is not in it any more")
            elif _key(old, message) != _key(new, message):
                yield Break(where, f"the key of {message} was {_key(old, message)} and is {_key(new, message)}")


def _key(document: Schema, message: str) -> str:
    told = document["components"]["messages"][message].get("bindings", {})
    return str(told.get("kafka", {}).get("key", {}).get("description", "any"))
