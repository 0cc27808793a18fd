"""Who may read: everything but `/healthz` wants the token or the user's password, where the settings have one.

Webhooks read nothing, and show signatures of their own (stream/serve/inbox).

A token is shown as `Authorization: Bearer`, or as the password of any user, since that is what browsers ask for.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from stream.serve.inbox.inbox import UNDER
from stream.serve.reply import reply

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from stream.settings_access import Credentials

OPEN = "/healthz"
_REALM = 'realm="centralino"'


class Access:
    """Lets through who shows what `credentials` ask for; all others get 401."""

    def __init__(self, app: ASGIApp, credentials: Credentials) -> None:
        self._app = app
        token, user, password = credentials
        self._token = None if token is None else _digest(token.encode())
        self._user = None if user is None or password is None else _digest(f"{user}:{password}".encode())
        self._asking = [(b"www-authenticate", f'Basic {_REALM}, charset="UTF-8"'.encode())]
        if token is not None:
            self._asking.append((b"www-authenticate", f"Bearer {_REALM}".encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] == "lifespan" or _open(scope["path"]) or self._admits(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = reply({"error": "this service wants to know who asks"}, 401)
            refusal.raw_headers.extend(self._asking)
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})

    def _admits(self, scope: Scope) -> bool:
        told = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(told) != 1:
            return False
        scheme, _, value = told[0].partition(b" ")
        value = value.strip(b" ")
        if scheme.lower() == b"bearer":
            return self._is_token(value)
        if scheme.lower() != b"basic":
            return False
        try:
            pair = b64decode(value, validate=True)
        except binascii.Error:
            return False
        _, colon, password = pair.partition(b":")
        is_token, is_user = self._is_token(password), _same(self._user, pair)
        return bool(colon) and (is_token or is_user)

    def _is_token(self, value: bytes) -> bool:
        return _same(self._token, value)


def _open(path: str) -> bool:
    return path == OPEN or path.startswith(UNDER)


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()


def _same(wanted: bytes | None, told: bytes) -> bool:
    """In a time that does not tell how much of it is right, nor how long it should be."""
    return wanted is not None and compare_digest(wanted, _digest(told))
