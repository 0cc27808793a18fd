"""The pages behind the wall: why a number is what it is, interactions, customers, agents, journeys."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from asyncio import to_thread

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_number_leads_to_its_interactions_their_events_and_their_customer(site, window):
    page = await window("/#/queue/phone/sales")
    await page.get_by_role("dialog").get_by_role("link", name="Service level: ").first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Live service level")
    await expect(page).to_have_url(f"{site.url}/explain?figure=service_level_live&window=30m&channel=phone&queue=sales")
    await expect(page.locator(".answer-value")).to_have_text("48.0%Value")
    await expect(page.locator(".answer")).to_contain_text("in_threshold / (answered + abandoned - short_abandoned")
    sides = page.locator(".side")
    await expect(sides.nth(0)).to_contain_text("Numerator12")
    await expect(sides.nth(1)).to_contain_text("Denominator25")
    await expect(sides.nth(1)).to_contain_text("waiting_past_threshold1")
    await page.get_by_role("link", name="b23").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("b23")
    segments = page.get_by_role("table", name="Segments").get_by_role("row")
    await expect(segments.nth(1)).to_contain_text("sales")
    await expect(segments.nth(1)).to_contain_text("answered")
    await expect(segments.nth(1)).to_contain_text("ada")
    events = page.get_by_role("table", name="Events").get_by_role("row")
    await expect(events).to_have_count(6)
    await expect(events.nth(4)).to_contain_text("handled 1")
    await page.get_by_role("link", name="c-53").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("c-53")
    await expect(page.get_by_role("table", name="Touchpoints").get_by_role("row").nth(1)).to_contain_text("phone/sales")


async def test_variants_stand_side_by_side_and_windows_can_be_chosen(site, window):
    page = await window("/explain?figure=service_level&window=1h&channel=phone&queue=sales")
    variants = page.get_by_role("table", name="Variants side by side").get_by_role("row")
    await expect(variants).to_have_count(9)
    await expect(variants.filter(has_text="this queue's")).to_contain_text("short_abandons_excluded")
    await page.get_by_role("navigation", name="Window").get_by_role("link", name="today").click()
    await expect(page).to_have_url(re.compile("window=today"))
    await expect(page.locator(".answer-value")).to_contain_text("50.0%")
    href = await page.get_by_role("link", name="Permanent link").get_attribute("href")
    assert "at=" in href


async def test_what_waits_now_is_explained_by_who_waits(site, window):
    page = await window("/explain?figure=threads_waiting&channel=email&queue=care")
    await expect(page.locator(".answer-value")).to_have_text("3")
    await expect(page.get_by_role("table", name="Who waits").get_by_role("row")).to_have_count(4)
    page = await window("/explain?figure=longest_wait_ms&channel=email&queue=care")
    await expect(page.locator(".answer-value")).to_contain_text("1h0")


async def test_every_number_on_the_wall_can_be_explained(site, window):
    page = await window("/#/queue/phone/sales")
    await expect(page.get_by_role("dialog").get_by_role("table", name="Who waits")).to_be_visible()
    links = set(await page.eval_on_selector_all("a.number", "links => links.map(link => link.getAttribute('href'))"))
    assert len(links) > 40
    now = {"waiting", "waiting_past_threshold", "longest_wait_ms", "threads_waiting", "threads_past_due", "forecast"}
    now.add("interactions_open")

    def explained():
        for link in links:
            path, _, query = link.partition("?")
            figure = dict(urllib.parse.parse_qsl(query)).get("figure")
            assert path == "/agents" or (path == "/explain" and figure), link
            if path == "/explain" and figure not in now:
                with urllib.request.urlopen(f"{site.url}/api/v1/explain?{query}", timeout=10) as reply:
                    assert "formula" in json.load(reply), link

    await to_thread(explained)


async def test_what_is_not_known_says_so(site, window):
    page = await window("/interaction/phone/nobody", checked=False)
    await expect(page.get_by_role("alert").last).to_contain_text("This cannot be shown")
    page = await window("/explain?figure=nonsense", checked=False)
    await expect(page.get_by_role("alert").last).to_contain_text("there is no figure 'nonsense'")


async def test_agents_by_presence_activity_and_queue(site, window):
    page = await window("/agents")
    agents = page.get_by_role("table", name="Agents of this queue").get_by_role("row")
    await expect(agents).to_have_count(4)
    await expect(agents.nth(1)).to_contain_text("carla")
    await expect(agents.nth(1)).to_contain_text("Phone 1 of 1")
    matrix = page.get_by_role("table", name="Presence and activity").get_by_role("row")
    await expect(matrix.nth(1)).to_contain_text("Available")
    await expect(matrix.nth(1).get_by_role("cell").last).to_have_text("2")
    await page.get_by_label("Queue").select_option("web")
    await expect(agents).to_have_count(2)
    await expect(page).to_have_url(re.compile(r"\?queue=web$"))
    await page.get_by_label("Queue").select_option("")
    await page.get_by_label("Find an agent").fill("BO")
    await expect(agents).to_have_count(2)
    await expect(agents.nth(1)).to_contain_text("lunch")
    await page.get_by_role("button", name="In state").click()
    await expect(page.get_by_role("columnheader", name="In state")).to_have_attribute("aria-sort", "descending")


async def test_journeys_show_where_customers_go_and_what_contacts_are_about(site, window):
    page = await window("/journeys")
    moves = page.get_by_role("table", name="Where customers go next").get_by_role("row")
    await expect(moves.nth(1)).to_contain_text("chat")
    await expect(page.get_by_role("table", name="What contacts are about")).to_contain_text("delivery")
    await expect(page.get_by_role("table", name="Touchpoints")).to_contain_text("phone/sales")
    await expect(page.get_by_role("heading", name="Where journeys break")).to_be_visible()
    await expect(page).to_have_url(f"{site.url}/journeys?window=30d")
    await page.get_by_label("Over").select_option("7d")
    await page.wait_for_url("**/journeys?window=7d")
