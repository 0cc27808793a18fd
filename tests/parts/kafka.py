"""Apache Kafka, the real one: broker and controller in one JVM, its jars resolved by Maven from tests/kafka/pom.xml."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from stream.child import Child, free_port
from stream.embedded import cache_folder, kafka_answers
from tests.parts.missing import PartMissing, program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"


def jars() -> Path:
    """The folder of Kafka's jars, resolved once by version of the pom; raises `PartMissing`."""
    maven = program("mvn")
    version = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"kafka-{_kafka_version()}-{version}"
    done = folder / ".complete"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return folder
        made = subprocess.run(
            [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
             "-DincludeScope=runtime"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise PartMissing(f"Maven could not resolve Apache Kafka:\n{made.stdout[-2000:]}")
        done.touch()
    return folder


def _kafka_version() -> str:
    found = ET.parse(POM).find(".//{*}dependency/{*}version")
    return "unknown" if found is None or not found.text else found.text


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
        self._jars = jars()
        self._java = program("java")
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
            subprocess.run(
                [*self._java_command(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID,
                 "-c", str(self._properties)],
                check=True, capture_output=True,
            )  # fmt: skip

    def command(self) -> Sequence[str]:
        """The broker's main class."""
        return [*self._java_command(), "kafka.Kafka", str(self._properties)]

    def ready(self) -> bool:
        """Whether it answers ApiVersions, which it does once it is registered."""
        return kafka_answers(self.port)

    @property
    def _properties(self) -> Path:
        return self.folder.resolve() / "server.properties"

    @property
    def _data(self) -> Path:
        return self.folder.resolve() / "kafka"

    def _java_command(self) -> list[str]:
        return [
            self._java,
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{self._jars}/*",
        ]

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
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.num.partitions": "4",
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
