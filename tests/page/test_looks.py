"""Every page in every size, dark and light, in both languages: legible, named, whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from stream.core.sla.state import AT_RISK, BREACHED, CLOSED
from tests.page.conftest import SIZES
from tests.page.site import HOUR, now_ms

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKED = Path(__file__).with_name("looked.js").read_text().split("\n", 1)[1].rstrip().rstrip(";")
LONG_WORDS = ("/#", "/explain?figure=service")
"""Where Italian, whose words are longer, is looked at too; the first has the wall behind it."""
TWO_FRAMES = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
WIDE = [("128", "10:00", "79.9%"), ("48", "59:59", "79.9%"), ("1,250", "23h59", "100%"), ("1,250", "12d 23h", "99.9%")]
"""Who waits, longest, level: as wide as a bad day makes them."""
WRITTEN = """const { sayNumber } = await import("/static/js/dom.js");
for (const main of document.querySelectorAll(".tile .main"))
    main.querySelectorAll(".number").forEach((number, i) => sayNumber(number, wide[i]));"""
PAGES = {
    "/": ".tile",
    "/#/queue/phone/sales": "dialog table",
    "/agents": "tbody tr:nth-child(3)",
    "/journeys": "section:nth-of-type(4) tbody tr",
    "/explain?figure=service_level&window=1h&channel=phone&queue=sales": "section:nth-of-type(3) tbody tr",
    "/explain?figure=waiting&channel=phone&queue=sales": "tbody tr",
    "/interaction/phone/b3": "section:nth-of-type(2) tbody tr",
    "/customer/c-1": "tbody tr",
}


@pytest.mark.parametrize("path", PAGES)
async def test_legible_named_and_whole(site, window, path):
    said = {("phone", "sales"): BREACHED, ("phone", "support"): AT_RISK, ("video", "advice"): CLOSED}
    site.states(said, muted_until=now_ms() + HOUR, acknowledged_by="Anna")
    for language in ("en-GB", "it-IT") if path.startswith(LONG_WORDS) else ("en-GB",):
        page = await window(path, language=language)
        await expect(page.locator(PAGES[path]).first).to_be_visible()
        for name, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.evaluate(TWO_FRAMES)
            for scheme in ("dark", "light") if language == "en-GB" else ("dark",):
                await page.emulate_media(color_scheme=scheme)
                wrong = await page.evaluate(LOOKED)
                assert not wrong, (name, scheme, language, wrong)


async def test_old_figures_are_legible_too(site, window):
    site.stale = ("behind",)
    page = await window("/", size="wall")
    await expect(page.locator(".tile[data-asof]")).to_have_count(5)
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        assert not await page.evaluate(LOOKED)


@pytest.mark.parametrize("wide", WIDE, ids=" ".join)
async def test_wide_numbers_lie_on_nothing(site, window, wide):
    page = await window("/", size="wall")
    await expect(page.locator(".tile")).to_have_count(5)
    for name, (width, height) in SIZES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(TWO_FRAMES)
        wrong = await page.evaluate(f"async (wide) => {{ {WRITTEN} return ({LOOKED})(); }}", wide)
        assert not wrong, (name, wrong)


async def test_all_tiles_fit_a_wall_without_scrolling(site, window):
    page = await window(size="wall")
    await expect(page.locator(".tile")).to_have_count(5)
    room = await page.locator(".room").evaluate("room => [room.scrollHeight, room.clientHeight]")
    assert room[0] <= room[1]
    number = page.locator(".tile .waiting .value").first
    assert float((await number.evaluate("value => getComputedStyle(value).fontSize")).removesuffix("px")) >= 50


async def test_the_theme_can_be_chosen_and_is_remembered(site, window):
    page = await window(scheme="light")

    async def ground():
        return await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light = await ground()
    await page.get_by_role("button", name="Theme: as the system").click()
    dark = await ground()
    assert dark != light
    await page.reload()
    assert await ground() == dark
    await page.get_by_role("button", name="Theme: dark").click()
    assert await ground() == light
    await page.get_by_role("button", name="Theme: light").click()
    await page.emulate_media(color_scheme="dark")
    assert await ground() == dark


async def test_who_wants_less_motion_sees_none(site, window):
    page = await window(reduced_motion="reduce")
    await expect(page.locator(".tile")).to_have_count(5)
    changed = page.locator(".tile").first
    await changed.evaluate("tile => tile.classList.add('changed')")
    assert await changed.evaluate("tile => getComputedStyle(tile).animationName") == "none"
