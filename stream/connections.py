"""What the clients of Kafka and Redis are told: addresses, TLS, who we are. Nothing is opened here."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from stream.settings_error import SettingsError

if TYPE_CHECKING:
    from stream.settings import Settings


def kafka_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of aiokafka's clients. Raises `SettingsError` when a certificate cannot be read."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = _tls(
            "kafka_ssl", settings.kafka_ssl_cafile, settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile
        )
    if settings.kafka_security_protocol.startswith("SASL") and settings.kafka_sasl_password is not None:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_sasl_username
        options["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    return options


def redis_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments of `stream.state.client.client_of`, the URL among them. Raises `SettingsError` as above."""
    options: dict[str, Any] = {"url": settings.redis_url}
    if settings.redis_username is not None:
        options["username"] = settings.redis_username
    if settings.redis_password is not None:
        options["password"] = settings.redis_password.get_secret_value()
    if settings.redis_url.startswith("rediss"):
        certificates = (settings.redis_ssl_ca_certs, settings.redis_ssl_certfile, settings.redis_ssl_keyfile)
        _tls("redis_ssl", *certificates)
        names = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
        options |= {name: value for name, value in zip(names, certificates, strict=True) if value is not None}
    return options


def _tls(part: str, authorities: str | None, certificate: str | None, key: str | None) -> ssl.SSLContext:
    """A context that checks the peer's certificate and name."""
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError([f"{part}_…: a certificate or key cannot be read: {error}"]) from None
    return context
