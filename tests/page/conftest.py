"""One browser for all tests of the page, one service for those of a module; each test has windows of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage

from tests.page.site import Site
from tests.parts.chromium import running_browser
from tests.parts.fixtures import skipping

SIZES = {"wall": (1920, 1080), "laptop": (1366, 768), "phone": (390, 844)}
ZONE = "Europe/Rome"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with AsyncExitStack() as stack:
        with skipping():
            browser = await stack.enter_async_context(running_browser())
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(redis_server, request) -> AsyncIterator[Site]:
    """As old as its module, lest what it tells of leaves the windows that are looked at."""
    made = Site(redis_server.url, f"{request.node.name}:")
    await made.tell_a_day()
    await made.open()
    yield made
    await made.close()


def complain(page: Any, said: ConsoleMessage) -> None:
    if said.type in ("error", "warning"):
        page.wrong.append(f"{said.text} {said.location.get('url', '')}")


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser, site):
    """Opens windows on the service. `checked`: at the end, nothing went wrong in them and no other host was asked."""
    opened: list[tuple[Any, bool]] = []

    async def open_window(
        path: str = "/", size: str = "laptop", *, scheme: str = "dark", language: str = "en-GB",
        checked: bool = True, base: str | None = None, **more: Any,
    ) -> Any:  # fmt: skip
        width, height = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=language, timezone_id=ZONE, **more
        )
        page = await context.new_page()
        page.wrong, page.asked = [], []
        page.on("console", lambda said: complain(page, said))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.set_default_timeout(8000)
        opened.append((page, checked))
        await page.goto((base or site.url) + path)
        return page

    yield open_window
    site.stale = ()
    for page, checked in opened:
        own = {each for each in page.asked if each.startswith((site.url, "http://127.0.0.1:", "data:"))}
        assert set(page.asked) <= own, set(page.asked) - own
        assert not checked or not page.wrong, page.wrong
        await page.context.close()
