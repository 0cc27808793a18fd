"""A contact center that behaves: customers arrive, wait, give up, are served, and come back on another channel.

Deterministic by seed and start. Knows the wire's words and nothing of Kafka, Redis or the clock.
"""

from __future__ import annotations

from stream.simulator.center import Simulation
from stream.simulator.journal import Record
from stream.simulator.profile import PROFILES, Profile

__all__ = ["PROFILES", "Profile", "Record", "Simulation"]
