"""What a person is told when a command cannot do its work: one line, then a non-zero exit."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiokafka import errors as kafka_errors
from redis import exceptions as redis_errors

from stream.child import PartFailed
from stream.settings_error import SettingsError
from stream.state.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.settings import Settings


class Problem(Exception):
    """The message says what is wrong and what to do, in one line. `code`: the process's exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def explaining(settings: Settings) -> Iterator[None]:
    """Turns what brokers and stores raise into a `Problem`."""
    try:
        yield
    except (kafka_errors.TopicAuthorizationFailedError, kafka_errors.SaslAuthenticationFailed) as error:
        raise Problem(f"the broker refuses us: {_short(error)}; look at the user and its rights") from error
    except kafka_errors.MessageSizeTooLargeError as error:
        raise Problem(f"the broker takes no record of this size: {_short(error)}") from error
    except (kafka_errors.KafkaConnectionError, kafka_errors.KafkaTimeoutError, kafka_errors.NodeNotReadyError) as error:
        raise Problem(no_broker(settings, error)) from error
    except kafka_errors.KafkaError as error:
        raise Problem(f"Kafka at {settings.kafka_bootstrap_servers}: {_short(error)}") from error
    except redis_errors.RedisError as error:
        raise Problem(no_store(settings, error)) from error
    except SettingsError as error:
        raise Problem("; ".join(error.problems), 2) from error
    except (Refused, PartFailed) as error:
        raise Problem(str(error)) from error


def no_broker(settings: Settings, error: Exception) -> str:
    """The line for a broker that does not answer."""
    why = "" if "bootstrap" in str(error) else f" ({_short(error)})"
    return (
        f"no Kafka broker answers at {settings.kafka_bootstrap_servers}{why}: start it, or set KAFKA_BOOTSTRAP_SERVERS"
    )


def no_store(settings: Settings, error: Exception) -> str:
    """The line for a store that does not answer, or not as it should."""
    return f"Redis at {settings.redis_address}: {_short(error)}; start it, or set REDIS_URL"


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
