"""A PBX's own log, as it was recorded, through Kafka to figures that were worked out by hand from its lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.agreement import differences

if TYPE_CHECKING:
    from tests.e2e.plant import Plant

FOLDER = Path(__file__).parents[2] / "schemas" / "examples" / "sources.asterisk"


def test_a_recorded_queue_log_gives_the_figures_worked_out_by_hand(plant: Plant) -> None:
    wanted = json.loads((Path(__file__).parent / "asterisk_expected.json").read_bytes())
    plant.run("replay", "--source", "asterisk", str(FOLDER / wanted["log"]))
    plant.run("replay", "--source", "asterisk", str(FOLDER / wanted["log"]))  # what is read again counts once
    with plant.worker() as worker, plant.service() as service:
        plant.until_applied(worker)
        plant.until_shown(service)
        for by, rows in (("channel,queue", wanted["by_queue"]), ("channel", wanted["by_channel"])):
            got = service.kpis(window=wanted["window"], by=by, at=wanted["at"])
            own = {(row["channel"], row.get("queue")): row for row in got}
            for row in rows:
                assert differences(own[row["channel"], row.get("queue")], row) == []
            assert sum(row["offered"] for row in got) == 16
        fcr = wanted["fcr"]
        rows = service.kpis(window=fcr["window"], by="channel", at=wanted["at"])
        (phone,) = (row for row in rows if row["channel"] == fcr["channel"])
        assert differences(phone["fcr"]["provisional"], fcr["provisional"]) == []
        assert service.records()["rejected"] == 0
