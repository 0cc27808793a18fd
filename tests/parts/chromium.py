"""Chromium, the real one of Debian, without a window, driven through Playwright."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from tests.parts.missing import PartMissing, program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def chromium() -> str:
    """Path of the browser; raises `PartMissing`."""
    for name in NAMES:
        try:
            return program(name)
        except PartMissing:
            continue
    return program(NAMES[0])


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """A browser of one's own; raises `PartMissing`."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        try:
            yield browser
        finally:
            await browser.close()
