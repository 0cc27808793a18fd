"""What happens in a conversation of Genesys Cloud, as events with the ids that every way of telling gives them.

Ids are made of the session and of what happens to it: what a detail event said, a record says again, better. The
revision of an event is 0, or for what more than one event tells its own time in ms; that of a record is the latest
instant in it, in µs, so that a record replaces events and a later record an earlier one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import events as e
from schemas.sources.options import Options

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = 128


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def source_of(options: Options) -> str:
    """No payload tells its organization everywhere, so it is what is set."""
    return f"/genesys/{options.instance}" if options.instance else "/genesys"


class Conversation:
    """One, on one channel. `customer_id` and `direction` are put into what the customer's side or a queue tells."""

    def __init__(
        self, id_: str, channel: e.Channel, options: Options, revision: int = 0, customer_id: str | None = None,
        direction: e.Direction | None = None,
    ) -> None:  # fmt: skip
        self.id = id_
        self.channel = channel
        self.revision = revision
        self.source = source_of(options)
        self.whose: dict[str, Any] = {"customer_id": customer_id, "direction": direction}

    def started(self, session: str, at: datetime, *, callback: bool) -> e.Event:
        """The customer's session began."""
        outbound = self.whose["direction"] == "outbound"
        initiation: e.Initiation = "callback" if callback else "agent" if outbound else "customer"
        return e.Started(
            **self._envelope(f"{session}:started", at), data=self._told(initiation=initiation, **self.whose)
        )

    def identified(self, session: str, at: datetime, contact: str | None) -> list[e.Event]:
        """The contact that Genesys Cloud knows is who reached us under this address."""
        customer_id = self.whose["customer_id"]
        if contact is None or customer_id is None or customer_id == contact:
            return []
        data = e.IdentifiedData(customer_id=customer_id, aliases=[contact])
        return [e.Identified(**self._envelope(f"{session}:identified", at), data=data)]

    def queued(self, session: str, at: datetime, queue: str | None) -> e.Event:
        """The session in a queue began."""
        data = self._told(queue=queue, segment_id=session, **self.whose)
        return e.Queued(**self._envelope(f"{session}:queued", at), data=data)

    def abandoned(self, session: str, at: datetime, queue: str | None) -> e.Event:
        """The session in a queue is over: the customer left."""
        data = self._told(queue=queue, segment_id=session, **self.whose)
        return e.Abandoned(**self._envelope(f"{session}:left", at), data=data)

    def flowed_out(self, session: str, at: datetime, queue: str | None, outcome: e.FlowOutcome) -> e.Event:
        """The session in a queue is over: something else took the customer."""
        data = self._told(e.FlowedOutData, queue=queue, segment_id=session, outcome=outcome, **self.whose)
        return e.FlowedOut(**self._envelope(f"{session}:left", at), data=data)

    def taken(self, session: str, at: datetime, queue: str | None, agent: str) -> e.Event:
        """The session in a queue is over: an agent took the customer."""
        data = self._told(e.ByAgent, queue=queue, segment_id=session, agent_id=agent, **self.whose)
        return e.Answered(**self._envelope(f"{session}:left", at), data=data)

    def offered(self, session: str, at: datetime, queue: str | None, agent: str) -> e.Event:
        """An agent's session began: it rings."""
        data = self._told(e.ByAgent, queue=queue, segment_id=session, agent_id=agent)
        return e.Offered(**self._envelope(f"{session}:offered", at), data=data)

    def declined(
        self, session: str, at: datetime, queue: str | None, agent: str, result: e.DeclineResult
    ) -> e.Event:  # fmt: skip
        """An agent's session is over that never connected."""
        data = self._told(e.DeclinedData, queue=queue, segment_id=session, agent_id=agent, result=result)
        return e.Declined(**self._envelope(f"{session}:declined", at), data=data)

    def connected(self, session: str, at: datetime, queue: str | None, agent: str) -> e.Event:
        """An agent's session connected that no queue led to."""
        data = self._told(e.ByAgent, queue=queue, segment_id=session, agent_id=agent)
        return e.Answered(**self._envelope(f"{session}:connected", at), data=data)

    def taken_back(self, session: str, at: datetime, *parts: str) -> list[e.Event]:
        """What was told of a session, and was nothing of the customer's: an agent only asked another one."""
        return [e.Updated(**self._envelope(f"{session}:{part}", at), data=self._told()) for part in parts]

    def hold(self, session: str, number: int, since: datetime, until: datetime | None, agent: str) -> list[e.Event]:
        """A hold, the n-th of an agent's session, from 1."""
        data = self._told(agent_id=agent, segment_id=session)
        held = e.Held(**self._envelope(f"{session}:held:{number}", since), data=data)
        if until is None:
            return [held]
        return [held, e.Resumed(**self._envelope(f"{session}:resumed:{number}", until), data=data)]

    def transferred(
        self, session: str, at: datetime, queue: str | None, agent: str, kind: e.TransferKind
    ) -> e.Event:  # fmt: skip
        """An agent's session is over, and the customer goes on."""
        data = self._told(e.TransferredData, queue=queue, segment_id=session, agent_id=agent, kind=kind)
        return e.Transferred(**self._envelope(f"{session}:transferred", at), data=data)

    def ended(self, at: datetime, by: e.EndedBy | None, revision: int, hold_ms: int | None = None) -> e.Event:
        """The last agent's session is over, or the customer's where there was no agent."""
        data = self._told(e.EndedData, by=by, hold_ms=hold_ms, **self.whose)
        envelope = self._envelope(f"{self.id}:ended", at) | {"revision": revision}
        return e.Ended(**envelope, data=data)

    def wrapped_up(
        self, session: str, at: datetime, queue: str | None, agent: str, length_ms: int | None,
        handle_ms: int | None, code: str | None,
    ) -> e.Event:  # fmt: skip
        """An agent's work after the session is over."""
        data = self._told(
            e.WrappedUpData, queue=queue, segment_id=session, agent_id=agent, wrap_up_ms=length_ms,
            handle_ms=handle_ms, disposition=code,
        )  # fmt: skip
        return e.WrappedUp(**self._envelope(f"{session}:wrapped_up", at), data=data)

    def promoter_score(self, survey: str, at: datetime, score: int) -> list[e.Event]:
        """An answer of 0 to 10; nobody's, when the customer is not known."""
        customer_id = self.whose["customer_id"]
        if customer_id is None:
            return []
        data = e.SurveyData(
            customer_id=customer_id, survey="nps", score=score, interaction_id=self.id, channel=self.channel
        )  # fmt: skip
        return [e.SurveyAnswered(**self._envelope(f"survey:{survey}", at), data=data)]

    def _envelope(self, id_: str, at: datetime) -> dict[str, Any]:
        return {"id": id_, "source": self.source, "specversion": "1.0", "time": at, "revision": self.revision}

    def _told(self, kind: Any = e.Told, /, **more: Any) -> Any:
        return kind(interaction_id=self.id, channel=self.channel, **more)
