"""A browser's own EventSource: named events, and back by itself, from where it was, when the service was away.

In `make soak`, alone: a second Playwright in a process that has one for tests/page does not end.
"""

from __future__ import annotations

import json

from tests.parts.chromium import running_browser
from tests.parts.fixtures import skipping
from tests.serve.alerting import until
from tests.serve.subscribing import ALERTS, Service, alert, service, serving, topics

__all__ = ["service", "serving", "topics"]
SUBSCRIBE = """path => {
    window.got = []
    window.source = new EventSource(path + "?types=queue.*&queue=phone/support")
    for (const name of ["queue.sla.breached", "position", "waiting", "gap"])
        window.source.addEventListener(name, ({type, data, lastEventId}) => window.got.push([type, data, lastEventId]))
    window.source.onmessage = ({data}) => window.got.push(["unnamed", data, ""])
}"""


async def test_a_browser_comes_back_to_where_it_was(topics, service):
    with skipping():
        browsing = running_browser()
    async with browsing as browser:
        page = await browser.new_page()
        await page.goto(f"{service.url}?types=nothing")
        await page.evaluate(SUBSCRIBE, service.url)

        async def told(*numbers):
            got = await page.evaluate("window.got")
            assert {name for name, _, _ in got} <= {"queue.sla.breached", "position"}
            assert all(token for _, _, token in got)
            return [json.loads(data)["revision"] for name, data, _ in got if name != "position"] == [*numbers]

        await until(lambda: page.evaluate("window.got.length"), "the first position")
        await topics.write(ALERTS, alert(1), alert(2, "sales"), alert(3))
        await until(lambda: told(1, 3), "two alerts")
        await service.stop()
        await topics.write(ALERTS, alert(4), alert(5, "sales"))
        again = Service(topics.address, topics.prefix, port=service.port)
        await again.start()
        try:
            await topics.write(ALERTS, alert(6))
            await until(lambda: told(1, 3, 4, 6), "the rest, and nothing twice")
        finally:
            await again.stop()
