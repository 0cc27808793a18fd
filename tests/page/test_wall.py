"""The wall: figures that move, states that turn a tile, tabs, the keyboard, the drill-down."""

from __future__ import annotations

import json
import urllib.request
from asyncio import to_thread

import pytest
from playwright.async_api import Error, expect

from stream.core.sla.state import AT_RISK, BREACHED, CLOSED, OK
from tests.page.site import MINUTE, Site, iso, now_ms, served, waits

LOGIN = {"username": "wall", "password": "a long secret"}
pytestmark = pytest.mark.asyncio(loop_scope="session")


def tile(page, queue):
    return page.locator(f'.tile[data-queue="{queue}"]')


async def order(page):
    return await page.eval_on_selector_all(".tile", "tiles => tiles.map(tile => tile.dataset.queue)")


async def get(site, path):
    def read():
        with urllib.request.urlopen(site.url + path, timeout=10) as reply:
            return json.load(reply)

    return await to_thread(read)


@pytest.fixture(autouse=True)
def calm(site):
    site.states({("phone", "support"): AT_RISK, ("video", "advice"): CLOSED})


async def test_a_tile_shows_what_the_api_says(site, window):
    page = await window()
    await expect(tile(page, "chat/web")).to_be_visible()
    rows = await get(site, "/api/v1/kpis?window=30m&by=channel,queue")
    sales = next(row for row in rows if (row["channel"], row["queue"]) == ("phone", "sales"))
    shown = tile(page, "phone/sales")
    await expect(shown.locator(".level .value")).to_have_text(f"{sales['service_level_live']:.0%}")
    await expect(shown.locator(".waiting .value")).to_have_text(str(sales["waiting"]))
    await expect(shown.locator(".longest .below")).to_have_text("1 past 20 s")
    await expect(shown.locator(".asa .value")).to_have_text("0:25")
    await expect(shown.locator(".staffed .value")).to_have_text("2")
    fcr = next(row for row in await get(site, "/api/v1/kpis?window=today&by=channel") if row["channel"] == "chat")
    ratio = fcr["fcr"]["provisional"]["ratio"]
    await expect(tile(page, "chat/web").locator(".fcr .value")).to_have_text(f"{ratio:.0%}")
    await expect(tile(page, "email/care").locator(".waiting .value")).to_have_text("3")
    assert await shown.locator(".spark").count() == 2


async def test_the_longest_wait_ticks(site, window):
    page = await window()
    longest = tile(page, "phone/sales").locator(".longest .number")
    first = await longest.text_content()
    await expect(longest).not_to_have_text(first)
    minutes, seconds = map(int, (await longest.text_content()).split(":"))
    assert 0 <= (now_ms() - site.started_ms + 3 * MINUTE) / 1000 - (60 * minutes + seconds) < 3


async def test_figures_move_within_two_seconds_of_an_event(site, window):
    page = await window()
    waiting = tile(page, "video/advice").locator(".waiting .value")
    await expect(waiting).to_have_text("0")
    await site.told.take(waits("video", "advice", "v1", now_ms()))
    await expect(waiting).to_have_text("1", timeout=2000)
    await site.told.take(served("video", "advice", "v1", now_ms(), 0, "c-9")[2:])
    await expect(waiting).to_have_text("0", timeout=2000)


async def test_a_breach_turns_the_tile_and_is_said_once(site, window):
    page = await window()
    await expect(tile(page, "phone/sales")).to_have_attribute("data-state", "ok")
    assert (await order(page))[0] == "phone/support"
    assert (await order(page))[-1] == "video/advice"
    site.states({("phone", "sales"): BREACHED, ("phone", "support"): AT_RISK, ("video", "advice"): CLOSED})
    shown = tile(page, "phone/sales")
    await expect(shown).to_have_attribute("data-state", "breached", timeout=3000)
    await expect(shown.locator(".state")).to_contain_text("Breached")
    await expect(shown.locator(".shape .sign-breached")).to_be_visible()
    assert (await order(page))[:2] == ["phone/sales", "phone/support"]
    label = await shown.locator(".open").get_attribute("aria-label")
    assert label.startswith("Phone, sales: Breached. 1 waiting, 1 past the threshold of 20 s, longest wait ")
    assert label.endswith(" target 80%. Agents available: 0 of 2.")
    await expect(page.locator("[aria-live=polite]")).to_have_text("Phone sales: Breached.")
    await expect(page.locator(".summary [data-state=breached] dd")).to_have_text("1")
    await expect(page.locator("[role=tab]").first.locator(".worse[data-state=breached]")).to_contain_text("1")


async def test_mute_and_acknowledgement_are_shown(site, window):
    site.states({("phone", "sales"): BREACHED}, muted_until=now_ms() + 30 * MINUTE, acknowledged_by="Anna")
    page = await window("/#/queue/phone/sales")
    await expect(tile(page, "phone/sales").locator(".notes")).to_contain_text("seen by Anna")
    await expect(page.locator(".panel .notes")).to_contain_text("muted until")
    await expect(page.locator(".panel .notes")).to_contain_text("seen by Anna")


async def test_tabs_filter_by_channel_and_are_links_to_share(site, window):
    page = await window()
    await page.get_by_role("tab", name="Chat").click()
    await expect(page.locator(".tile")).to_have_count(1)
    await expect(page).to_have_url(f"{site.url}/#/channel/chat")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Video")).to_be_focused()
    await expect(tile(page, "video/advice")).to_be_visible()
    shared = await window("/#/channel/phone")
    await expect(shared.locator(".tile")).to_have_count(2)
    await shared.get_by_role("tab", name="All").click()
    await expect(shared.locator(".tile")).to_have_count(5)


async def test_the_keyboard_goes_to_a_tile_into_it_and_back(site, window):
    page = await window()
    await expect(page.locator(".tile")).to_have_count(5)
    first = page.locator(".tile .open").first
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await first.evaluate("link => link === document.activeElement"):
            break
    await expect(first).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("End")
    await expect(tile(page, "video/advice").locator(".open")).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    second = (await order(page))[1]
    await expect(tile(page, second).locator(".open")).to_be_focused()
    await page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    await expect(panel).to_be_visible()
    await expect(page).to_have_url(f"{site.url}/#/queue/{second}")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(tile(page, second).locator(".open")).to_be_focused()
    await expect(page).to_have_url(f"{site.url}/#/")


async def test_focus_stays_on_a_tile_that_moves(site, window):
    page = await window()
    link = tile(page, "email/care").locator(".open")
    await link.focus()
    site.states({("email", "care"): BREACHED})
    await expect(tile(page, "email/care")).to_have_attribute("data-state", "breached", timeout=3000)
    assert (await order(page))[0] == "email/care"
    await expect(link).to_be_focused()


async def test_the_drill_down_says_who_waits_and_who_serves(site, window):
    page = await window("/#/queue/phone/sales")
    panel = page.get_by_role("dialog", name="sales · Phone")
    who = panel.get_by_role("table", name="Who waits").get_by_role("row")
    await expect(who).to_have_count(2)
    await expect(who.nth(1)).to_contain_text("past due")
    await expect(who.nth(1)).to_contain_text("c-1")
    await expect(who.nth(1)).to_contain_text("4.repeat")
    assert await who.nth(1).get_by_role("link", name="late").get_attribute("href") == "/interaction/phone/late"
    agents = panel.get_by_role("table", name="Agents of this queue").get_by_role("row")
    await expect(agents).to_have_count(3)
    await expect(agents.nth(1)).to_contain_text("carla")
    await expect(agents.nth(1)).to_contain_text("Ringing")
    await expect(agents.nth(2)).to_contain_text("lunch")
    await expect(panel.get_by_text("Not shown: too little is known")).to_be_visible()
    await panel.get_by_role("button", name="Close").click()
    await expect(tile(page, "phone/sales").locator(".open")).to_be_focused()


async def test_the_drill_down_says_what_drives_it_and_what_was_told(site, window):
    data = {"channel": "phone", "queue": "sales"}
    told = [
        {"type": f"queue.sla.{kind}", "time": iso(now_ms() - ago * MINUTE), "data": data}
        for kind, ago in (("at_risk", 9), ("breached", 4))
    ]
    site.states({("phone", "sales"): BREACHED}, told=tuple(json.dumps(each).encode() for each in told))
    page = await window("/#/queue/phone/sales")
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_text("The live level is below its target")).to_be_visible()
    drivers = panel.get_by_role("table", name="What drives it").get_by_role("row")
    await expect(drivers.filter(has_text="Arrivals")).to_contain_text("25")
    await expect(drivers.filter(has_text="AHT")).to_contain_text("1:10")
    await expect(drivers.filter(has_text="Agents logged in")).to_contain_text("2")
    await expect(panel.locator(".told li")).to_have_count(2)
    await expect(panel.locator(".told li").first).to_contain_text("Breached")


async def test_who_waits_follows_what_happens(site, window):
    page = await window("/#/queue/video/advice")
    panel = page.get_by_role("dialog")
    await expect(panel.get_by_text("Nobody waits.")).to_be_visible()
    await site.told.take(waits("video", "advice", "v2", now_ms()))
    await expect(panel.get_by_role("link", name="v2")).to_be_visible()
    await site.told.take(served("video", "advice", "v2", now_ms(), 0, "c-9")[2:])
    await expect(panel.get_by_text("Nobody waits.")).to_be_visible()


async def test_a_click_on_a_tile_opens_it_and_one_on_a_number_explains_it(site, window):
    page = await window()
    await tile(page, "phone/sales").click(position={"x": 200, "y": 150})
    await expect(page.get_by_role("dialog", name="sales · Phone")).to_be_visible()
    await page.keyboard.press("Escape")
    await tile(page, "phone/sales").locator(".asa .number").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Average speed of answer (ASA)")


async def test_no_queue_yet_says_what_to_do(window, redis_server):
    empty = Site(redis_server.url, "page-empty:", queues=[])
    await empty.told.declare(phone=1)
    await empty.open()
    page = await window(base=empty.url)
    await expect(page.get_by_role("heading", name="No queue yet")).to_be_visible()
    await expect(page.locator(".empty")).to_contain_text("centralino demo")
    await expect(page.locator(".empty")).to_contain_text("interactions.phone")
    await page.context.close()
    await empty.close()


async def test_behind_a_password_all_of_it_works_for_who_has_it(window, redis_server):
    closed = Site(redis_server.url, "page-closed:", access_user="wall", access_password="a long secret")
    await closed.told.declare(phone=1)
    await closed.open()
    page = await window("/#/queue/phone/sales", base=closed.url, http_credentials=LOGIN)
    await expect(page.locator(".connection")).to_have_text("Live")
    await expect(page.get_by_role("dialog").get_by_text("Nobody waits.")).to_be_visible()
    await page.context.close()
    with pytest.raises(Error, match="INVALID_AUTH_CREDENTIALS"):
        await window(base=closed.url, checked=False)
    await closed.close()


async def test_an_ok_queue_is_quiet(site, window):
    site.states({})
    page = await window()
    await expect(page.locator('.tile[data-state="ok"]')).to_have_count(5)
    assert OK == 0
    assert await page.locator(".banner").text_content() == ""
