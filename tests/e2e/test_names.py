"""Names that sources may give: whatever they hold, they come out of API and metrics as they went in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.plant import Plant

NAMES = [
    "support", "a|b", "a|*", "-", "*", "q", "other", "üñí 漢字 🎧", 'quo"ted', "back\\slash", "line\nbreak", "{curly}",
    "null", " ", "a" * 128, "%41", "a,b", "<b>",
]  # fmt: skip


def test_queues_of_any_name_keep_it_and_their_figures(plant: Plant) -> None:
    records = []
    for number, queue in enumerate(NAMES):
        id_ = f"{queue[:50]}-{number}"
        for second, kind in enumerate(("queued", "answered", "ended")):
            value = {
                "specversion": "1.0", "id": f"{number}-{kind}", "source": "s", "type": f"interaction.{kind}",
                "time": f"2026-03-02T10:00:{second * (number + 1):02}Z",
                "data": {"interaction_id": id_, "channel": "chat", "queue": queue, "agent_id": "a", "customer_id": id_},
            }  # fmt: skip
            records.append({"topic": "interactions.chat", "key": id_, "timestamp_ms": 1772445600000, "value": value})
    plant.replay(records)
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        rows = service.kpis(window="1h", by="channel,queue")
        assert {row["queue"]: (row["offered"], row["wait_ms"], row["handled"]) for row in rows} == {
            queue: (1, 1000 * (number + 1), 1) for number, queue in enumerate(NAMES)
        }
        samples = service.samples()
        for number, queue in enumerate(NAMES):
            labels = frozenset({"channel": "chat", "queue": queue, "window": "1h"}.items())
            assert samples["contact_center_asa_seconds", labels] == number + 1
        shown = {row["queue"] for row in json.loads(service.get("/api/v1/queues"))}
        assert shown >= set(NAMES)
        assert service.records()["rejected"] == 0
