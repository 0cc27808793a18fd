"""Asking a service over HTTP, as somebody who may."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from stream.settings_access import Credentials


def asked(url: str, credentials: Credentials | None, seconds: float) -> bytes:
    """What an http or https address answers. The credentials go to it alone, wherever it may send us on.

    Raises HTTPError, URLError, OSError.
    """
    request = Request(url)  # noqa: S310 - http or https
    if credentials is not None:
        request.add_unredirected_header("Authorization", authorization(credentials))
    with urlopen(request, timeout=seconds) as answer:  # noqa: S310 - http or https
        told: Any = answer.read()
        return bytes(told)


def authorization(credentials: Credentials) -> str:
    """The header's value: the token, else user and password.

    >>> from stream.settings_access import Credentials
    >>> authorization(Credentials(None, "ada", "lovelace"))
    'Basic YWRhOmxvdmVsYWNl'
    """
    token, user, password = credentials
    if token is not None:
        return f"Bearer {token}"
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
