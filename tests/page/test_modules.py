"""What the page's modules work out, asked of them in the browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asked(page, module, expression):
    return await page.evaluate(f"import('/static/js/{module}.js').then((m) => {expression})")


async def test_tiles_are_as_large_as_all_of_them_can_be(window):
    page = await window("/agents")
    fit = "import('/static/js/fit.js').then(({ fit }) => [%s].map((n) => fit(n, %s, %s)))"
    wall = await page.evaluate(fit % ("1, 10, 24, 40", 1890, 950))
    assert [(each["columns"], each["rows"]) for each in wall] == [(1, 1), (4, 3), (6, 4), (5, 0)]
    assert [round(each["em"]) for each in wall] == [24, 14, 10, 12]
    laptop, phone = [(await page.evaluate(fit % ("10", *size)))[0] for size in ((1334, 640), (370, 700))]
    assert (laptop["columns"], laptop["rows"]) == (3, 0)
    assert (phone["columns"], phone["rows"]) == (1, 0)


async def test_events_are_read_from_pieces_of_any_length(window):
    page = await window("/agents")
    text = (
        r": ping\n\nretry: 2000\r\nevent: board\r\ndata: {\r\ndata: }\r\n\r\n"
        r"event: change\ndata: {}\n\nevent: cha"
    )
    found = await asked(page, "stream", f'm.parse("{text}")')
    assert found["events"] == [{"type": "board", "data": "{\n}"}, {"type": "change", "data": "{}"}]
    assert found["rest"] == "event: cha"
    pieces = f"""[..."{text}"].reduce(([all, rest], letter) => {{
        const found = m.parse(rest + letter);
        return [[...all, ...found.events], found.rest];
    }}, [[], ""])"""
    assert await asked(page, "stream", pieces) == [found["events"], "event: cha"]


async def test_changes_are_merged_and_the_worst_comes_first(window):
    page = await window("/agents")
    told = """(() => {
        const board = new m.Board();
        const row = (queue, state) => ({ channel: queue[0] === "w" ? "chat" : "phone", queue, state });
        board.take("board", { at: "2026-03-02T15:00:00Z", stale: ["silent"], input_age_seconds: { a: 70, b: null },
            queues: [row("web", "at_risk"), row("b", "ok"), row("a", null), row("night", "closed"),
                row("gone", "ok")] });
        const changed = board.take("change", { at: "2026-03-02T15:00:01Z", queues: [row("b", "breached")],
            gone: [["phone", "gone"]] });
        return [m.ordered([...board.queues.values()]).map((each) => each.queue), changed.map((each) => each.queue),
            new Date(board.staleSince.get("silent")).toISOString(), board.channelNames()];
    })()"""
    order, changed, since, channels = await asked(page, "board", told)
    assert order == ["b", "web", "a", "night"]
    assert changed == ["b"]
    assert since == "2026-03-02T14:58:50.000Z"
    assert channels == ["phone", "chat"]


async def test_numbers_are_written_as_people_read_them(window):
    page = await window("/agents")
    said = await asked(
        page, "format",
        "[m.level(0.7999, 0.8), m.level(0.8, 0.8), m.level(0.612, 0.8), m.level(null, 0.8), m.length(7000),"
        " m.length(222000), m.length(3900000), m.length(183600000), m.setting(20000), m.setting(28800000),"
        " m.setting(90000), m.setting(300000), m.spoken(3725000), m.count(1234)]",
    )  # fmt: skip
    assert said == [
        "79.9%", "80%", "61%", "\u2013", "0:07", "3:42", "1h05", "2d 3h", "20 s", "8 h", "90 s", "5 min", "1 h 2 min",
        "1,234",
    ]  # fmt: skip


async def test_addresses_of_queues_with_odd_names_lead_back_to_them(window):
    page = await window("/agents")
    names = ["a/b", "Hilfe & Rat", "100%", "#1", "é?"]
    found = await asked(page, "links", f"{names}.map((name) => m.fromHash(m.toQueue('phone', name).slice(1)).queue)")
    assert found == names
