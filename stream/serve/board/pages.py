"""The pages for people: files of the package, each page at its own path, their scripts and styles below /static."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stream.serve.reply import reply

if TYPE_CHECKING:
    from stream.serve.view import View

FOLDER = Path(__file__).parents[1] / "static"
SHELL = "index.html"
PAGES = ("/", "/agents", "/journeys", "/explain", "/interaction/{channel}/{id:path}", "/customer/{id:path}")
"""Paths of pages: all are the one shell, whose script looks at the path."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""What is served, by suffix; no other file is."""
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in _POLICY.items()),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class _File(NamedTuple):
    changed_ns: int
    content: bytes
    tag: str


class Files:
    """The files of a folder, read again when they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._known: dict[Path, _File] = {}

    def answer(self, request: Request, name: str) -> Response:
        """The file of a name, or 404; 304 to who has it already."""
        path = (self._folder / name).resolve() if "\0" not in name else self._folder
        found = self._read(path) if path.suffix in TYPES and path.is_relative_to(self._folder) else None
        if found is None:
            missing = f"there is no {request.method} {request.url.path}"
            return reply({"error": missing, "hint": "docs/api.md lists the routes; all are GET"}, 404)
        headers = {**HEADERS, "etag": found.tag, "content-type": TYPES[path.suffix]}
        if found.tag in (
            each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")
        ):
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers)

    def _read(self, path: Path) -> _File | None:
        try:
            changed_ns = path.stat().st_mtime_ns
            known = self._known.get(path)
            if known is None or known.changed_ns != changed_ns:
                content = path.read_bytes()
                tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
                known = self._known[path] = _File(changed_ns, content, tag)
        except OSError:
            return None
        return known


def routes(_: View) -> list[Route]:
    """The pages and their files."""
    files = Files(FOLDER)

    async def page(request: Request) -> Response:
        return files.answer(request, SHELL)

    async def static(request: Request) -> Response:
        return files.answer(request, request.path_params["path"])

    return [*(Route(path, page) for path in PAGES), Route("/static/{path:path}", static)]
