"""A type as JSON Schema 2020-12, one self-contained document a type; what msgspec says, finished for who reads it.

A source may write `null` for what is absent; we never do. Who sends keeps to closed lists of values, who receives must
take longer ones (`x-extensible-enum`), but for `CLOSED`. Everybody ignores what is not in the schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemas.contract.types import HEADERS, PublicType
from schemas.contract.version import major
from schemas.customers import SurveyData

if TYPE_CHECKING:
    from schemas.contract.types import Direction

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
OLDER_DIALECT = "http://json-schema.org/draft-07/schema#"
CLOSED = frozenset({"type", "specversion", "source", "state", "previous"})
"""Fields of ours whose values are all told: within a major version there will be no others."""
SOURCE = "centralino"
"""`source` of all that workers and services send."""
_NULL = {"type": "null"}


def document(public: PublicType) -> Schema:
    """The schema of a type, with all that it refers to in it."""
    schema, parts = event(public, "#/$defs/{name}")
    head = {"$schema": DIALECT, "$id": identifier(public.name)}
    return {**head, **schema, **({"$defs": parts} if parts else {})}


def older(public: PublicType) -> Schema:
    """The same in draft 07, which has another word for the parts: registries and their clients know it best."""
    schema, parts = event(public, "#/definitions/{name}")
    head = {"$schema": OLDER_DIALECT, "$id": identifier(public.name)}
    return {**head, **schema, **({"definitions": parts} if parts else {})}


def identifier(name: str) -> str:
    """What a schema is called wherever it is kept: the same throughout a major version.

    >>> identifier("customer.at_risk")
    'urn:centralino:contract:1:customer.at_risk'
    """
    return f"urn:centralino:contract:{major()}:{name}"


def event(public: PublicType, reference: str) -> tuple[Schema, dict[str, Schema]]:
    """A type's own schema, and by name those that it refers to; `reference`: how, with `{name}` in it."""
    (own,), parts = msgspec.json.schema_components([public.struct], ref_template=reference)
    name = next(name for name in parts if own["$ref"] == reference.format(name=name))
    found = {each: _finished(part, each, public.direction) for each, part in parts.items()}
    schema = found.pop(name) | {"title": public.name}
    if public.name != HEADERS:
        _order(schema)
        if public.direction == "out" and "const" not in schema["properties"]["source"]:
            schema["properties"]["source"] = {"type": "string", "const": SOURCE}
    if "SurveyData" in found and public.struct.__struct_config__.tag == "customer.survey_answered":
        found["SurveyData"]["allOf"] = _scales()
    return schema, found


def _order(schema: Schema) -> None:
    """The envelope first, as people write it; without what only we know."""
    fields = {name: told for name, told in schema["properties"].items() if not name.startswith("(")}
    known = ("specversion", "id", "source", "subject", "origin", "type", "time", "revision", "data")
    schema["properties"] = {name: fields[name] for name in known if name in fields}
    assert len(schema["properties"]) == len(fields)
    schema["required"] = [name for name in known if name in schema["required"]]


def _scales() -> list[Schema]:
    """The range of a score, by survey."""
    return [
        {
            "if": {"properties": {"survey": {"const": survey}}, "required": ["survey"]},
            "then": {"properties": {"score": {"minimum": low, "maximum": high}}},
        }
        for survey, (low, high) in SurveyData.RANGE.items()
    ]


def _finished(part: Schema, name: str, direction: Direction) -> Schema:
    """A Struct's schema."""
    told = dict(part)
    told["title"] = name.rpartition(".")[2]
    told["description"] = " ".join(part.get("description", "").split())
    told["properties"] = {each: _field(schema, each, direction) for each, schema in part["properties"].items()}
    told["additionalProperties"] = True
    return told


def _field(schema: Schema, name: str, direction: Direction) -> Schema:
    """A field's schema: `null` is taken as absent, and never sent."""
    told = dict(schema)
    kinds = told.pop("anyOf", None)
    if told.get("default", 0) is None:
        del told["default"]
    if kinds is None:
        return _value(told, name, direction)
    (kind,) = [each for each in kinds if each != _NULL]
    kind = _value(kind, name, direction)
    return {**(kind if direction == "out" else _or_null(kind)), **told}


def _value(schema: Schema, name: str, direction: Direction) -> Schema:
    """A value's schema, wherever it stands."""
    told = dict(schema)
    if "enum" in told:
        values = told.pop("enum")
        is_open = direction == "out" and name not in CLOSED and len(values) > 1
        word = "x-extensible-enum" if is_open else "enum"
        return {"type": "string", **({word: values} if len(values) > 1 else {"const": values[0]}), **told}
    for inner in ("items", "additionalProperties"):
        if isinstance(told.get(inner), dict):
            told[inner] = _value(told[inner], name, direction)
    if "anyOf" in told:
        (kind,) = [each for each in told["anyOf"] if each != _NULL]
        return _or_null(_value(kind, name, direction))
    return told


def _or_null(schema: Schema) -> Schema:
    if "type" not in schema:
        return {"anyOf": [schema, _NULL]}
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **values}
