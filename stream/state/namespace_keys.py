"""The names of what is stored of namespaces: of all together, and of one that is counted beside the live one."""

from __future__ import annotations

from typing import NamedTuple


class NamespaceKeys(NamedTuple):
    """On one slot, and out of reach of what empties the first namespace.

    `live`: which namespace is, unset: the first · `known` hash: name -> what it is · `switch`: who switches, expires.
    """

    live: str
    known: str
    switch: str


class BesideKeys(NamedTuple):
    """Of one namespace. `definitions`: the rules it is counted by · `starts`, `bounds` hashes: partition -> offset.

    `revisions` hash: topic between our stages -> what is added to its offsets in what is told of its records.
    """

    definitions: str
    starts: str
    bounds: str
    revisions: str


def namespace_keys(prefix: str) -> NamespaceKeys:
    """The keys of all namespaces.

    >>> namespace_keys("c:").live
    'c@{namespaces}:live'
    """
    stem = prefix if prefix[-1:].isalnum() else prefix[:-1]
    return NamespaceKeys(*(f"{stem}@{{namespaces}}:{name}" for name in NamespaceKeys._fields))


def beside_keys(store_prefix: str) -> BesideKeys:
    """The keys of one namespace, whose prefix this is."""
    return BesideKeys(*(store_prefix + name for name in BesideKeys._fields))
