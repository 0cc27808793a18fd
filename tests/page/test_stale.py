"""Quiet is not blind: what is old says so, with its time, and is well again when data comes back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

CLOCK = re.compile(r"\d\d:\d\d:\d\d")
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def with_clock(site, window):
    """A wall whose clock the test turns."""
    page = await window("/static/icon.svg", checked=False)
    await page.clock.install()
    await page.goto(site.url)
    await expect(page.locator(".tile")).to_have_count(5)
    return page


async def test_a_stopped_service_is_seen_and_its_return_too(site, window):
    page = await with_clock(site, window)
    await expect(page.locator(".connection")).to_have_text("Live")
    live = await page.locator(".tile .value").first.evaluate("value => getComputedStyle(value).color")
    await site.stop()
    try:
        await expect(page.locator(".connection")).to_have_text("Connecting")
        await page.clock.fast_forward(4_000)
        banner = page.get_by_role("alert")
        await expect(banner).to_contain_text("The service cannot be reached since")
        await expect(banner).to_contain_text("Figures are old: of ")
        assert CLOCK.search(await banner.text_content())
        await expect(page.locator(".connection")).to_have_text("No connection")
        await expect(page.locator(".tile[data-asof]")).to_have_count(5)
        assert (await page.locator(".tile").first.get_attribute("data-asof")).startswith("of ")
        grey = await page.locator(".tile .value").first.evaluate("value => getComputedStyle(value).color")
        assert grey != live
        longest = page.locator('[data-queue="phone/sales"] .longest .number')
        frozen = await longest.text_content()
        await page.clock.fast_forward(3_000)
        assert await longest.text_content() == frozen
    finally:
        await site.start()
    await page.clock.fast_forward(4_000)
    await expect(page.locator(".banner")).to_be_empty()
    await expect(page.locator(".connection")).to_have_text("Live")
    await expect(page.locator(".tile[data-asof]")).to_have_count(0)
    await expect(longest).not_to_have_text(frozen)


async def test_a_service_that_hangs_is_seen_by_the_pages_own_clock(site, window):
    page = await with_clock(site, window)
    await page.route("**/events", lambda _: None)
    await page.clock.fast_forward(30_000)
    await page.clock.fast_forward(5_000)
    await expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached since")


REASONS = {
    "store": "Redis cannot be read.",
    "broker": "Kafka does not answer.",
    "behind": "Workers are behind what happens.",
    "silent": "No event comes in: quiet, or blind?",
    "new_one": "Reason: new_one.",
}


async def test_stale_input_says_why_and_since_when(site, window):
    page = await window()
    banner = page.get_by_role("alert")
    site.stale = ("silent", "new_one")
    await expect(banner).to_contain_text("Input is stale since")
    await expect(page.locator(".tile[data-asof]")).to_have_count(0)
    site.stale = tuple(REASONS)
    for said in REASONS.values():
        await expect(banner).to_contain_text(said)
    assert CLOCK.search(await banner.text_content())
    await expect(page.locator(".tile[data-asof]")).to_have_count(5)
    site.stale = ()
    await expect(page.locator(".banner")).to_be_empty()
    await expect(page.locator(".tile[data-asof]")).to_have_count(0)


async def test_who_may_not_look_is_told_so(site, window):
    page = await window("/static/icon.svg", checked=False)
    await page.clock.install()
    await page.route("**/events", lambda route: route.fulfill(status=401, body="{}"))
    await page.goto(site.url)
    await page.clock.fast_forward(4_000)
    await expect(page.get_by_role("alert")).to_contain_text("wants you to sign in")
