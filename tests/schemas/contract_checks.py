"""Validators of the contract's documents, and when the codec refuses what is sent."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from schemas.contract.json_schema import document
from schemas.contract.types import PUBLIC_TYPES


@cache
def validator(name: str) -> Draft202012Validator:
    """Of a type, by its wire name; formats are checked too."""
    schema = document(PUBLIC_TYPES[name])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(name: str, event: Any) -> list[str]:
    """What is wrong with an event: place and message."""
    return [f"{each.json_path}: {each.message}" for each in validator(name).iter_errors(event)]
