"""Apache Kafka, the real one: broker and controller in one JVM."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from stream.child import Child, free_port
from stream.embedded import kafka_answers
from tests.parts.kafka_once import archive, class_path, formatted
from tests.parts.missing import program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kafka(Child):
    """One Apache Kafka in KRaft mode on loopback. `settings` are lines of server.properties, on top of ours.

    `secure_protocol` (SSL, SASL_PLAINTEXT, SASL_SSL) opens a second listener, SECURE, at `secure_address`.
    """

    name = "kafka"
    start_seconds = 60.0
    stop_seconds = 20.0

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        secure_protocol: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(folder, port)
        self._java = [program("java"), *class_path()]
        self._secure_protocol = secure_protocol
        self._secure_port = free_port() if secure_protocol else None
        self._controller_port = 0
        self._settings = settings or {}

    @property
    def secure_address(self) -> str:
        """`localhost:port` of the listener SECURE."""
        return f"localhost:{self._secure_port}"

    def prepare(self) -> None:
        """Write the properties, and format the data folder once."""
        self._controller_port = free_port()
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in self._server_settings().items()))
        if not (self._data / "meta.properties").exists():
            shutil.copytree(formatted(), self._data, dirs_exist_ok=True)

    def command(self) -> Sequence[str]:
        """The broker's main class."""
        return [
            *self._java,
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            *self.classes(),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "kafka.Kafka",
            str(self._properties),
        ]

    def classes(self) -> Sequence[str]:
        """Options by which Java takes its classes from the archive, where there is one that fits."""
        kept = archive()
        return [f"-XX:SharedArchiveFile={kept}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"] if kept.exists() else []

    def ready(self) -> bool:
        """Whether it answers ApiVersions, which it does once it is registered."""
        return kafka_answers(self.port)

    @property
    def _properties(self) -> Path:
        return self.folder.resolve() / "server.properties"

    @property
    def _data(self) -> Path:
        return self.folder.resolve() / "kafka"

    def _server_settings(self) -> dict[str, str]:
        listeners = f"BROKER://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}"
        protocols = "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT"
        if self._secure_protocol:
            listeners += f",SECURE://{self.secure_address}"
            protocols += f",SECURE:{self._secure_protocol}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": listeners,
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "BROKER",
            "listener.security.protocol.map": protocols,
            "log.dirs": str(self._data),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.num.partitions": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            # A killed broker may come back at once, instead of after the nine seconds of its registration.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "300",
            "auto.create.topics.enable": "false",
            "num.partitions": "8",
            "message.max.bytes": "17825792",
            # Recorded days keep their timestamps: no test may lose its log when these have become too old to be kept.
            "log.retention.check.interval.ms": "86400000",
            "log.initial.task.delay.ms": "86400000",
            **self._settings,
        }
