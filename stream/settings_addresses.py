"""The settings of where Kafka and Redis are, and how to prove to them who we are."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings


def is_cluster(url: str) -> bool:
    """Whether a URL of Redis names a cluster."""
    return urlsplit(url).scheme.endswith("+cluster")


def redis_nodes(url: str) -> list[tuple[str, int]]:
    """Hosts and ports that a URL of Redis names: one, of a cluster several. Raises ValueError.

    >>> redis_nodes("redis://user:word@one")
    [('one', 6379)]
    >>> redis_nodes("rediss+cluster://:word@one:7000,two,[::1]:7001")
    [('one', 7000), ('two', 6379), ('::1', 7001)]
    """
    parts = urlsplit(url)
    if not is_cluster(url):
        return [(parts.hostname or "", parts.port or 6379)]
    if parts.path.strip("/") not in {"", "0"}:
        raise ValueError("a cluster has no databases: leave the number out")
    each = [urlsplit(f"//{node}") for node in parts.netloc.rpartition("@")[2].split(",")]
    if not all(node.hostname for node in each):
        raise ValueError("between two commas there is no host")
    return [(node.hostname or "", node.port or 6379) for node in each]


class Addresses(BaseSettings):
    """Kafka and Redis: addresses, users, certificates."""

    kafka_bootstrap_servers: str = Field(
        "127.0.0.1:9092", min_length=1, validation_alias="KAFKA_BOOTSTRAP_SERVERS",
        description="Kafka's first addresses, `host:port`, with commas between them.",
    )  # fmt: skip
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to Kafka; SASL_… needs a mechanism, a user and a password."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How to prove who we are, where the protocol is SASL_…"
    )
    kafka_sasl_username: str | None = Field(None, description="The user of SASL.")
    kafka_sasl_password: SecretStr | None = Field(None, description="The password of SASL.")
    kafka_ssl_cafile: str | None = Field(None, description="PEM file of the authorities to trust; unset: the system's.")
    kafka_ssl_certfile: str | None = Field(None, description="PEM file of our own certificate, for mutual TLS.")
    kafka_ssl_keyfile: str | None = Field(None, description="PEM file of our own certificate's key.")
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0", repr=False, validation_alias="REDIS_URL",
        description="Redis (6.2 or newer) or Valkey: `redis://host:port/database`, with TLS `rediss://…`; a cluster of"
        " them: `redis+cluster://host:port,host:port`, with TLS `rediss+cluster://…`.",
    )  # fmt: skip
    redis_username: str | None = Field(None, description="The user of Redis, where the URL names none.")
    redis_password: SecretStr | None = Field(None, description="The password of Redis, where the URL holds none.")
    redis_ssl_ca_certs: str | None = Field(None, description="PEM file of the authorities to trust with `rediss://`.")
    redis_ssl_certfile: str | None = Field(None, description="PEM file of our own certificate, for mutual TLS.")
    redis_ssl_keyfile: str | None = Field(None, description="PEM file of our own certificate's key.")

    @model_validator(mode="after")
    def _can_connect(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_username and self.kafka_sasl_password
        ):
            raise ValueError("kafka_security_protocol: SASL needs kafka_sasl_username and kafka_sasl_password")
        for part in ("kafka_ssl", "redis_ssl"):
            if getattr(self, f"{part}_keyfile") and not getattr(self, f"{part}_certfile"):
                raise ValueError(f"{part}_keyfile: a key needs its certificate, {part}_certfile")
        if urlsplit(self.redis_url).scheme not in {"redis", "rediss", "redis+cluster", "rediss+cluster"}:
            raise ValueError(
                "redis_url: write redis://host:port/database, or rediss:// for TLS; redis+cluster:// for a cluster"
            )
        try:
            redis_nodes(self.redis_url)
        except ValueError as error:
            raise ValueError(f"redis_url: {error}") from None
        return self

    @property
    def redis_address(self) -> str:
        """Where Redis is, without user or password: for logs and messages."""
        where = ",".join(f"{host}:{port}" for host, port in redis_nodes(self.redis_url))
        return where + urlsplit(self.redis_url).path
