"""Offers: at which agents an interaction rings, or has rung, and what became of it.

An offer rings until its agent declines it, anybody answers, the segment leaves its queue or enters another one, or the
interaction is closed. That of the agent who answers is *taken*: it becomes part of the segment. Pure bookkeeping; which
event does what is decided in `life`.
"""

from __future__ import annotations


class Offer:
    """Instants in ms. `number`: of the segment that waits, or that an answer would open.

    `rang_at`: None when only its decline was told; `rang_until`: None while it rings.
    """

    __slots__ = ("agent", "declined", "number", "queue", "rang_at", "rang_until", "result", "taken")

    def __init__(self, number: int, agent: str, queue: str | None, rang_at: int | None) -> None:
        self.number = number
        self.agent = agent
        self.queue = queue
        self.rang_at = rang_at
        self.rang_until: int | None = None
        self.declined = False
        self.result: str | None = None
        self.taken = False


class Offers:
    """All offers of an interaction, in their order. `ringing`: how many of them ring."""

    __slots__ = ("all", "ringing")

    def __init__(self) -> None:
        self.all: tuple[Offer, ...] = ()
        self.ringing = 0

    def _ringing_at(self, agent: str) -> Offer | None:
        if self.ringing:
            for offer in reversed(self.all):
                if offer.rang_until is None and offer.agent == agent:
                    return offer
        return None

    def ring(self, number: int, agent: str, queue: str | None, at: int) -> None:
        """It rings at an agent; where it rings already, nothing changes."""
        if self._ringing_at(agent) is None:
            self.all += (Offer(number, agent, queue, at),)
            self.ringing += 1

    def decline(self, number: int, agent: str, queue: str | None, at: int, result: str | None) -> None:
        """An agent did not take the offer. One that does not ring (any longer) is an offer of its own."""
        offer = self._ringing_at(agent)
        if offer is None:
            offer = Offer(number, agent, queue, None)
            self.all += (offer,)
        else:
            self.ringing -= 1
        offer.queue, offer.rang_until, offer.declined, offer.result = queue, at, True, result

    def take(self, agent: str, at: int) -> int | None:
        """An agent answers: nobody else rings any longer. Returns since when it rang there."""
        rang_at = None
        if self.ringing:
            self.ringing = 0
            for offer in self.all:
                if offer.rang_until is None:
                    offer.rang_until = at
                    if offer.agent == agent:
                        offer.taken = True
                        rang_at = offer.rang_at
        return rang_at

    def stop(self, at: int) -> None:
        """Nobody rings any longer."""
        for offer in self.all:
            if offer.rang_until is None:
                offer.rang_until = at
        self.ringing = 0
