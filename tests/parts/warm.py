"""Fetches and builds what the parts need, so that no test waits for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from stream.child import PartFailed
from stream.embedded import broker_binary
from tests.parts import asyncapi, registry
from tests.parts.kafka_classes import record
from tests.parts.missing import PartMissing, in_ci
from tests.parts.subscribers import MAKE, made


def main() -> int:
    """Warm each part; 1 when one is missing and CI is set."""
    missing = []
    parts: list[Callable[[], object]] = [
        record, broker_binary, asyncapi.parser, registry.application, *(partial(made, language) for language in MAKE)
    ]  # fmt: skip
    for warm in parts:
        try:
            warm()
        except (PartMissing, PartFailed) as error:
            missing.append(str(error))
    for reason in missing:
        sys.stderr.write(f"tests/setup: {reason}\n")
    return 1 if missing and in_ci() else 0


if __name__ == "__main__":
    sys.exit(main())
