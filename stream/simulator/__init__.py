"""A contact center that behaves: customers arrive, wait, give up, are served, and come back on another channel.

Deterministic by seed and start. Knows the wire's words and nothing of Kafka, Redis or the clock.
"""

from __future__ import annotations

from stream.simulator.center import Simulation
from stream.simulator.journal import Record
from stream.simulator.profile import PROFILES, Profile
from stream.simulator.story import ENDS, LEADS_IN, script

__all__ = ["ENDS", "LEADS_IN", "PROFILES", "Profile", "Record", "Simulation", "script"]
