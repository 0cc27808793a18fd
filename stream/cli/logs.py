"""Where logs go: JSON lines on stderr for what runs for long, warnings only for commands that end by themselves."""

from __future__ import annotations

import logging
import sys

import structlog

PLAIN = "%(levelname)s %(name)s %(message)s"


def for_people() -> None:
    """Quiet: only what somebody should act on. aiokafka's noise about brokers that are away is told better by us."""
    _configure(logging.WARNING)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)


def for_machines(*, kafka_level: int = logging.ERROR) -> None:
    """Everything from level info on, one JSON object a line; of aiokafka, from `kafka_level` on."""
    _configure(logging.INFO)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=PLAIN, force=True)
    logging.getLogger("asyncio").setLevel(logging.NOTSET)
    logging.getLogger("aiokafka").setLevel(kafka_level)


def _configure(level: int) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
