"""What a webhook request tells: headers, body, and the URLs that it may have been sent to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import Scope

_STANDARD = {"http": 80, "https": 443}


class Told(NamedTuple):
    """One request. `headers`: values by lower-case name. `query`: as it came. `urls`: see `urls`."""

    headers: dict[bytes, list[bytes]]
    body: bytes
    query: bytes = b""
    urls: tuple[str, ...] = ()

    def one(self, name: bytes) -> bytes | None:
        """The header that is there once. Told twice, nobody knows which one was meant: None."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else None


def headers(scope: Scope) -> dict[bytes, list[bytes]]:
    """The headers of a request."""
    found = defaultdict[bytes, list[bytes]](list)
    for name, value in scope["headers"]:
        found[name].append(value.strip())
    return dict(found)


def urls(scope: Scope, url: str | None) -> tuple[str, ...]:
    """The URLs that the sender may have called and signed; `url`: the one that the settings name.

    Without a setting the host is the sender's word anyway, be it `Host` or what a proxy has made of it, so each that
    the request names is tried, with both schemes. What is signed must be one of them. Senders differ in whether
    they sign a port, so each is tried as it is, without a port, and with the scheme's own.
    """
    query = scope.get("query_string", b"").decode("latin-1")
    if url is not None:
        address, _, own = url.partition("?")
        return tuple(_with_ports([address], query or own))
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    told = headers(scope)
    named = [*told.get(b"x-forwarded-host", ())[:1], *told.get(b"host", ())[:1]]
    hosts = [host.partition(b",")[0].strip().decode("latin-1") for host in named]
    return tuple(_with_ports([f"{scheme}://{host}{path}" for host in hosts for scheme in ("https", "http")], query))


def _with_ports(addresses: Iterable[str], query: str) -> dict[str, None]:
    found: dict[str, None] = {}
    for address in addresses:
        scheme, _, rest = address.partition("://")
        authority, slash, path = rest.partition("/")
        try:
            port = urlsplit(address).port
        except ValueError:
            continue
        bare = authority.removesuffix(f":{port}")
        for each in (authority, bare, f"{bare}:{_STANDARD[scheme]}"):
            found[f"{scheme}://{each}{slash}{path}{'?' if query else ''}{query}"] = None
    return found
