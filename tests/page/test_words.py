"""English and Italian: one table for both, nothing said outside of it, chosen by the browser's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATIC = Path(__file__).parents[2] / "stream" / "serve" / "static"
ASKED = re.compile(r'\b(?:t|plural)\(\s*"([\w.]+)"')
CHOSEN = re.compile(r'"([a-z_]+(?:\.[\w.]+)+)"')
KINDS = re.compile(r'\bnamed\(\s*"([\w.]+)"|`([\w.]+)\.\$\{')
BRACKETED = """
for (const key in WORDS) WORDS[key] = WORDS[key].map((words) => `⟦${words}⟧`);
"""
SAID = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.closest("code, [lang=en]")) found.push(walker.currentNode.textContent);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) found.push(element.getAttribute(name));
  }
  return [...new Set(found.map((text) => text.trim()).filter(Boolean))];
}"""
DATA = re.compile(
    r"Centralino|support|sales|web|care|advice|ada|bob|carla|late|new|delivery|[swbe]\d+|c-\d+|phone|chat|email|video"
    r"|answered|customer_id|reason|queue|agent_id|by|customer|resolved|true|Europe/Rome|UTC|Nov|GMT"
)
"""Names that the day's events have, and zones and months that the browser writes."""
PAGES = {
    "/#/queue/phone/sales": "dialog table",
    "/agents": "tbody tr:nth-child(3)",
    "/journeys": "section:nth-of-type(4) tbody tr",
    "/explain?figure=service_level&window=1h&channel=phone&queue=sales": "section:nth-of-type(3) tbody tr",
    "/interaction/phone/b3": "section:nth-of-type(2) tbody tr",
    "/customer/c-1": "tbody tr",
}


def outside(text):
    """What is left of a text without what the table says, without names of the data and what has no letters."""
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = shorter
    return re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", text))


async def words(page):
    return await page.evaluate("import('/static/js/i18n.js').then((module) => module.WORDS)")


async def test_both_languages_say_the_same_things(site, window):
    table = await words(await window("/agents"))
    for key, said in table.items():
        assert len(said) == 2, key
        assert all(each.strip() for each in said), key
        assert len({tuple(sorted(re.findall(r"\{\w+\}", each))) for each in said}) == 1, (key, said)
        if key.endswith(".one"):
            assert key.removesuffix("one") + "other" in table
    assert sum(english != italian for english, italian in table.values()) > 0.8 * len(table)


async def test_every_word_is_used_and_every_word_used_is_there(site, window):
    table = await words(await window("/agents"))
    scripts = "".join(path.read_text() for path in STATIC.glob("js/*.js") if path.name != "i18n.js")
    asked = set(ASKED.findall(scripts))
    plurals = {key.rsplit(".", 1)[0] for key in table if key.endswith((".one", ".other"))}
    assert asked <= table.keys() | plurals, asked - table.keys() - plurals
    mentioned = asked | set(CHOSEN.findall(scripts))
    kinds = {found for pair in KINDS.findall(scripts) for found in pair if found} | {"journeys", "app"}
    unused = [
        key
        for key in table
        if key not in mentioned
        and key.rsplit(".", 1)[0] not in kinds
        and not (key.endswith((".one", ".other")) and key.rsplit(".", 1)[0] in mentioned)
    ]
    assert not unused, " ".join(unused)


async def test_nothing_is_said_outside_the_table(site, window):
    page = await window("/agents")

    async def bracket(route):
        answer = await route.fetch()
        text = (await answer.text()).replace("const LANGUAGES", f"{BRACKETED}\nconst LANGUAGES")
        await route.fulfill(response=answer, body=text)

    await page.route("**/i18n.js", bracket)
    for path, last in PAGES.items():
        await page.goto(site.url + path)
        await expect(page.locator(last).first).to_be_visible()
        found = {word: text for text in await page.evaluate(SAID) for word in outside(text)}
        assert not found, (path, found)


async def test_italian_by_the_browsers_language(site, window):
    page = await window(language="it-IT")
    await expect(page.get_by_role("link", name="Tabellone")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "it-IT")
    sales = page.locator('[data-queue="phone/sales"]')
    await expect(sales.locator(".waiting dt")).to_have_text("In attesa")
    await expect(sales.locator(".open")).to_have_attribute(
        "aria-label", re.compile(r"^Telefono, sales: .* in attesa, ")
    )
    await expect(page.get_by_role("tab", name="Telefono")).to_be_visible()


async def test_a_language_asked_for_is_remembered_and_others_are_english(site, window):
    page = await window("/?lang=it", language="fr-FR")
    await expect(page.get_by_role("link", name="Tabellone")).to_be_visible()
    await page.goto(site.url + "/agents")
    await expect(page.get_by_role("heading", name="Operatori")).to_be_visible()
    other = await window("/agents", language="fr-FR")
    await expect(other.get_by_role("heading", name="Agents")).to_be_visible()


async def test_times_are_in_the_viewers_zone(site, window):
    page = await window("/explain?figure=asa&window=1h&channel=phone&queue=sales")
    await expect(page.locator(".answer")).to_be_visible()
    shown = await page.locator(".facts").text_content()
    hour = await page.evaluate("new Date().toLocaleString('en-GB', {hour: '2-digit', timeZone: 'Europe/Rome'})")
    assert f", {hour}:" in shown
