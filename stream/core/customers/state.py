"""One customer's state: what was heard, by the route on which it came, and what of it is applied.

An alias is a customer of its own until somebody else claims it. From then on what is heard here under its own name is
not counted here, but sent on to the holder, see `routes`, who keeps it under the alias as its route. Nothing is sent on
twice: what came here by a route is counted here, whoever holds this name.
"""

from __future__ import annotations

import msgspec

from schemas.events import ClaimData, Digest, RoutedData, Said
from stream.core.customers.heard import Claim, Heard, Place, Told, last_of
from stream.core.customers.person import Person
from stream.core.customers.said import LASTING, ORDERS, Identity, identity, stands
from stream.core.customers.stirred import Stirred
from stream.core.customers.stored import FOREVER, Blob, packed, unpacked
from stream.core.rules import DAY
from stream.core.stage import Stamp

ORDERS_MS = 365 * DAY
"""How much longer orders are kept: who has bought twice in a year is asked for any day that is kept."""
OWN = ""
"""The route of what came under the customer's own id."""
Memory = tuple[dict[tuple[str, str, str], Heard], dict[tuple[str, str, str], Told]]
"""What is heard, and what is told, by route and identity."""


def _last_of(one: Said) -> int:
    return one.at + ORDERS_MS if one.kind in ORDERS else one.at


class Customer:
    """`heard`, `told`: by route and identity. `stamps`: as applied. `insights`: id -> instant, of those sent.

    `stirred`: what of it others must hear at the next commit, None: nothing. `first_at`: no later than the first
    instant that `forget` would look for. `forgotten_at`: what is no later than that was forgotten, see `forgotten`; -1:
    nothing was. `known_since`: the first instant of what was let go, FOREVER while nothing was.
    """

    __slots__ = (
        "claims", "first_at", "forgotten_at", "heard", "id", "insights", "known_since", "last_at", "stamps", "stirred",
        "told",
    )  # fmt: skip

    def __init__(self, customer_id: str) -> None:
        self.id = customer_id
        self.last_at = -1
        self.heard: dict[tuple[str, str, str], Heard] = {}
        self.told: dict[tuple[str, str, str], Told] = {}
        self.claims: dict[str, Claim] = {}
        self.stamps: list[Stamp] = []
        self.insights: dict[str, int] = {}
        self.first_at = FOREVER
        self.forgotten_at = -1
        self.known_since = FOREVER
        self.stirred: Stirred | None = None

    def stirring(self) -> Stirred:
        """What others must hear, to add to."""
        if self.stirred is None:
            self.stirred = Stirred()
        return self.stirred

    def load(self, blob: bytes) -> None:
        """Take over what `dump` wrote."""
        (self.last_at, heard, told, claims, self.stamps, self.insights, self.forgotten_at,
         self.known_since) = unpacked(blob)  # fmt: skip
        self.heard = {(one.route, one.channel, one.interaction_id): one for one in heard}
        self.told = {(one.route, one.source, one.id): one for one in told}
        self.claims = {claim.by: claim for claim in claims}
        self.first_at = self._first_at()

    def dump(self) -> bytes:
        """All of it, but for what is pending between commits."""
        return packed(
            Blob(self.last_at, [*self.heard.values()], [*self.told.values()], [*self.claims.values()], self.stamps,
                 self.insights, self.forgotten_at, self.known_since)
        )  # fmt: skip

    def holder(self) -> str | None:
        """Whose alias this is: of the latest event that claims it; None while nobody else does."""
        if not self.claims:
            return None
        standing = [(c.at, c.source, c.id, c.by) for c in self.claims.values() if c.at is not None]
        by = max(standing)[3] if standing else self.id
        return None if by == self.id else by

    def take_claim(self, claim: ClaimData, revision: int) -> bool:
        """Take in who claims this alias; False when it is known."""
        known = self.claims.get(claim.by)
        if known is not None and revision <= known.revision:
            return False
        at = None if claim.withdrawn else claim.at
        self.claims[claim.by] = Claim(claim.by, revision, at, claim.source, claim.event_id)
        return True

    def hear(self, one: Heard) -> bool:
        """Take in a digest; False when it is known."""
        name = one.route, one.channel, one.interaction_id
        known = self.heard.get(name)
        if known is not None and one.revision <= known.revision:
            return False
        self.heard[name] = one
        if one.route == OWN and (self.claims or self.stirred is not None):
            self.stirring().heard.add((one.channel, one.interaction_id))
        if one.digest.started_at < self.first_at:
            self.first_at = min(self.first_at, last_of(one.digest))
        return True

    def tell(self, one: Said) -> bool:
        """Take in an event under the own id; False when it is known."""
        name = OWN, one.source, one.id
        known = self.told.get(name)
        if known is not None and not stands(one, known.said):
            return False
        self._told(name, Told(OWN, one.source, one.id, one.revision, one))
        aliases = one.aliases if known is None else known.said.aliases + one.aliases
        if aliases or self.claims or self.stirred is not None:
            stirred = self.stirring()
            stirred.told.add(identity(one))
            stirred.aliases.update(aliases)
        return True

    def take_routed(self, data: RoutedData, revision: int) -> bool:
        """Take in what came under an alias; False when it is known."""
        if data.digest is not None:
            d = msgspec.structs.replace(data.digest, withdrawn=data.withdrawn)
            return self.hear(Heard(data.route, d.channel, d.interaction_id, revision, data.digest_revision, d))
        assert data.said is not None
        name = data.route, data.said.source, data.said.id
        known = self.told.get(name)
        if known is not None and revision <= known.revision:
            return False
        self._told(name, Told(*name, revision, data.said, data.withdrawn))
        return True

    def _told(self, name: tuple[str, str, str], one: Told) -> None:
        self.told[name] = one
        if one.said.kind not in LASTING:
            self.first_at = min(self.first_at, _last_of(one.said))

    def stir(self, former: str | None) -> None:
        """Note who held this alias before the last event; when that has changed, all that is here is to be sent on."""
        holder = self.holder()
        if holder is None and former is None:
            return
        stirred = self.stirring()
        stirred.holders.update(name for name in (former, holder) if name is not None)
        if holder != former:
            stirred.heard.update((channel, number) for route, channel, number in self.heard if route == OWN)
            stirred.told.update((source, number) for route, source, number in self.told if route == OWN)

    def lasts(self) -> bool:
        """Whether anything is here that is kept until it is forgotten."""
        if self.claims or self.forgotten_at >= 0:
            return True
        return bool(self.told) and any(one.said.kind in LASTING for one in self.told.values())

    def forget(self, oldest: int) -> Memory:
        """Drop what is older and decides nothing any more (ms); what was before.

        What it counted stays counted: the stamps are to be taken anew, without taking any back.
        """
        before = self.heard, self.told
        self.heard = {name: one for name, one in self.heard.items() if last_of(one.digest) >= oldest}
        self.told = {
            name: one for name, one in self.told.items() if one.said.kind in LASTING or _last_of(one.said) >= oldest
        }
        self.first_at = self._first_at()
        return before

    def recall(self, before: Memory, until: int) -> None:
        """Forget nothing after all, `until` an instant (ms)."""
        self.heard, self.told = before
        self.first_at = until

    def remember(self, memory: Memory) -> None:
        """Know this, and no more."""
        self.heard, self.told = memory
        self.first_at = self._first_at()

    def _first_at(self) -> int:
        heard = (last_of(one.digest) for one in self.heard.values())
        told = (_last_of(one.said) for one in self.told.values() if one.said.kind not in LASTING)
        return min((*heard, *told), default=FOREVER)

    def single(self) -> Digest | None:
        """The interaction of who has had no other and has said nothing; None of anybody else."""
        if len(self.heard) != 1 or self.told or self.claims:
            return None
        (one,) = self.heard.values()
        return None if one.digest.withdrawn else one.digest

    def digests(self) -> dict[Place, Digest]:
        """The digest of each interaction that is this customer's by some route: the first stage's latest word."""
        if len(self.heard) == 1 and not self.claims:
            (one,) = self.heard.values()
            return {} if one.digest.withdrawn else {(one.channel, one.interaction_id): one.digest}
        latest: dict[Place, Heard] = {}
        held = self.holder() is not None
        for one in self.heard.values():
            place = one.channel, one.interaction_id
            known = latest.get(place)
            if one.digest.withdrawn or (held and one.route == OWN):
                continue
            if known is None or (one.first, one.route) > (known.first, known.route):
                latest[place] = one
        return {place: one.digest for place, one in latest.items()}

    def events(self) -> list[Said]:
        """This customer's events, each once, of those with one identity the one that stands."""
        if not self.told:
            return []
        found: dict[Identity, Said] = {}
        held = self.holder() is not None
        for one in self.told.values():
            name = identity(one.said)
            known = found.get(name)
            if not one.gone and not (held and one.route == OWN) and (known is None or stands(one.said, known)):
                found[name] = one.said
        return list(found.values())

    def person(self, repeat_window_ms: int) -> Person:
        """What is known of this customer; without what somebody who holds this name has."""
        return Person(self.id, self.digests().values(), self.events(), repeat_window_ms, self.known_since)
