"""A PBX's own log, as it was recorded, through Kafka to figures that were worked out by hand from its lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.agreement import differences
from tests.e2e.plant import Running, until

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


def test_a_log_that_is_followed_rotated_and_whose_follower_is_killed_gives_the_figures_worked_out_by_hand(
    plant: Plant,
) -> None:
    wanted = json.loads((Path(__file__).parent / "sources" / "asterisk.json").read_bytes())
    plant.settings |= {"sources": json.dumps({"asterisk": wanted["options"]})}
    lines = (FOLDER / "life_cycle.log").read_bytes().splitlines(keepends=True)
    log, state = plant.folder / "queue_log", plant.folder / "queue_log.state"

    def follow() -> Running:
        return Running(plant, "tail", "queue_log", str(log), "--host", "pbx1", "--state", str(state))

    def sent() -> bool:
        told = json.loads(state.read_bytes()) if state.exists() else {}
        return (told.get("inode"), told.get("offset")) == (log.stat().st_ino, log.stat().st_size)

    with plant.worker() as worker, plant.service() as service:
        for part in range(0, len(lines), 17):
            if part:
                log.rename(log.with_name(f"queue_log.{part}"))
            log.write_bytes(b"".join(lines[part : part + 8]))
            tail = follow()
            until(sent, 30, tail.said)
            with log.open("ab") as file:
                file.write(b"".join(lines[part + 8 : part + 17]))
            tail.kill()
        with follow() as tail:
            until(sent, 30, tail.said)
        plant.until_applied(worker)
        plant.until_shown(service)
        assert service.records()["rejected"] == 0
        for by, rows in (("channel,queue", wanted["by_queue"]), ("channel", wanted["by_channel"])):
            own = {
                (row["channel"], row.get("queue")): row
                for row in service.kpis(window=wanted["window"], by=by, at=wanted["at"])
            }
            for row in rows:
                told = {key: value for key, value in row.items() if key != "why"}
                assert differences(own[row["channel"], row.get("queue")], told) == []
        kept = {agent["agent"]: agent["presence"] for agent in json.loads(service.get("/api/v1/agents"))}
        assert kept == {"Giulia": "available", "luca": "available", "Marco": "logged_out"}
