"""Does once what is to be done of each alert and each closed interaction, whatever comes twice or is killed."""

import asyncio
import json
import os
import signal
import sqlite3

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError

PREFIX = os.environ.get("TOPIC_PREFIX", "")
TABLES = """
CREATE TABLE IF NOT EXISTS remembered (source TEXT, id TEXT, revision INTEGER, at TEXT, PRIMARY KEY (source, id));
CREATE TABLE IF NOT EXISTS done (line TEXT);
"""
# Changes a row when the event is new, or a higher revision of one that was told before.
REMEMBER = """
INSERT INTO remembered VALUES (?, ?, ?, CURRENT_TIMESTAMP)
ON CONFLICT (source, id) DO UPDATE SET revision = excluded.revision, at = excluded.at
WHERE excluded.revision > remembered.revision
"""


def alert(data):
    level = f"{data['numerator']} of {data['denominator']} in time"
    return f"{data['channel']}/{data['queue']} {data['state']}: {level}, {data['waiting']} waiting"


def closed(data):
    wait_ms, handle_ms = data["measures"]["wait_ms"], data["measures"]["handle_ms"]
    return f"{data['channel']} {data['interaction_id']} {data['outcome']}: wait {wait_ms} ms, handle {handle_ms} ms"


HANDLERS = {
    "queue.sla.at_risk": alert,
    "queue.sla.breached": alert,
    "queue.sla.recovered": alert,
    "enriched.interaction.closed": closed,
}


def handle(db, event):
    handler = HANDLERS.get(event["type"])
    if handler is None:  # other types are on these topics too, and some that are not invented yet
        return
    if db.execute(REMEMBER, (event["source"], event["id"], event.get("revision", 0))).rowcount:
        line = handler(event["data"])
        db.execute("INSERT INTO done VALUES (?)", (line,))  # your own work, in the transaction that remembers it
        print(line, flush=True)


async def main():
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    db = sqlite3.connect(os.environ.get("STATE", "subscribe.db"))
    db.executescript(TABLES)
    consumer = AIOKafkaConsumer(
        PREFIX + "queues.alerts",
        PREFIX + "interactions.enriched",
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        group_id=os.environ.get("GROUP", "my-service"),
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=500,
    )
    async with consumer:
        while not stop.is_set():
            batches = await consumer.getmany(timeout_ms=500)
            with db:  # all of it, or nothing
                for records in batches.values():
                    for record in records:
                        handle(db, json.loads(record.value))
            try:
                if batches:
                    await consumer.commit()
            except CommitFailedError:
                pass  # the partition is somebody else's by now, who reads this again and finds it remembered
    db.close()


asyncio.run(main())
