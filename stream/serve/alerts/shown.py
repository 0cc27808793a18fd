"""The state of a queue as the API has it, and as samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.core.sla.state import STATES
from stream.serve.freshness import UNDECIDED_SECONDS
from stream.serve.past import text

if TYPE_CHECKING:
    from stream.serve.alerts.mirror import Mirror
    from stream.serve.families import Samples


def shown(sla: Mirror, channel: str, queue: str) -> dict[str, Any]:
    """The keys of a queue's row: its state and since when, until when it is muted, who has acknowledged it."""
    standing = sla.standing(channel, queue)
    return {
        "state": None if standing is None else STATES[standing.state],
        "state_since_at": None if standing is None else text(standing.since),
        "muted_until_at": text(sla.muted_until(channel, queue)),
        "acknowledged_by": sla.acknowledged(channel, queue),
    }


def put(samples: Samples, sla: Mirror, labels: tuple[str, str]) -> None:
    """The samples of a queue; without a state until somebody has decided."""
    standing = sla.standing(*labels)
    samples.put("contact_center_queue_sla_state", labels, None if standing is None else standing.state)
    samples.put("contact_center_queue_muted", labels, int(sla.muted_until(*labels) is not None))
    samples.put("contact_center_queue_acknowledged", labels, int(sla.acknowledged(*labels) is not None))


def put_decided(samples: Samples, sla: Mirror) -> None:
    """The sample of whether anybody decides."""
    samples.put("contact_center_sla_decided", (), int(sla.undecided_seconds < UNDECIDED_SECONDS))
