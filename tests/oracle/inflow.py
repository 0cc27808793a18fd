"""What needs a look at all interactions of a customer, beside FCR: repeat inflow, and what bots contained."""

from __future__ import annotations

from tests.oracle.defaults import DAY, Settings
from tests.oracle.fcr import aliases_of, follows, matching
from tests.oracle.interaction import Contribution, Facts
from tests.oracle.records import Event


def inflow(interactions: list[Facts], customer_events: list[Event], settings: Settings) -> list[Contribution]:
    """Inbound interactions with a customer, those of them that are repeats, and of which queue, at their start."""
    found = []
    for contact, others in with_others(interactions, customer_events):
        if contact.direction != "inbound":
            continue
        found.append(at_start(contact, "identified"))
        before = [
            (max(end for end in other.ends if end <= contact.started_at), *name(other), other.queue)
            for other in others
            if other.direction == "inbound"
            and other.served
            and matching(contact, other)
            and follows(contact.started_at, other, settings)
        ]
        if before:
            found.append(at_start(contact, "repeats"))
            channel, queue = max(before, key=lambda each: each[:4])[2:5:2]
            found.append(Contribution(contact.started_at, channel, "queue", queue, "inbound", "repeats_caused", 1))
    return found


def bots(interactions: list[Facts], customer_events: list[Event]) -> list[Contribution]:
    """Closed interactions that met a bot, and those of them that the bot contained, at the first end."""
    met = [contact for contact in interactions if contact.met_bot and contact.ends]
    found = [at_end(contact, "bot_interactions") for contact in met]
    for contact in met:
        if contact.contained and contact.customer is None:
            found += [at_end(contact, "bot_contained"), at_end(contact, "bot_unidentified")]
    for contact, others in with_others(interactions, customer_events):
        if contact.met_bot and contact.contained:
            came_back = any(end <= other.started_at <= end + DAY for other in others for end in contact.ends)
            if not came_back:
                found.append(at_end(contact, "bot_contained"))
    return found


def with_others(interactions: list[Facts], customer_events: list[Event]) -> list[tuple[Facts, list[Facts]]]:
    """Each interaction that has a customer, with the customer's other ones on all channels."""
    aliases = aliases_of(customer_events)
    by_customer: dict[str, list[Facts]] = {}
    for interaction in interactions:
        if interaction.customer is not None:
            by_customer.setdefault(aliases.get(interaction.customer, interaction.customer), []).append(interaction)
    return [
        (contact, [other for other in own if other is not contact]) for own in by_customer.values() for contact in own
    ]


def name(interaction: Facts) -> tuple[int, str, str]:
    """By which the later of two interactions is told from the other."""
    return interaction.started_at, interaction.channel, interaction.id


def at_end(interaction: Facts, measure: str) -> Contribution:
    """Stamped at the first end, for the channel and the direction."""
    return Contribution(interaction.ends[0], interaction.channel, "channel", None, interaction.direction, measure, 1)


def at_start(interaction: Facts, measure: str) -> Contribution:
    """Stamped at the start, for the channel."""
    return Contribution(interaction.started_at, interaction.channel, "channel", None, "inbound", measure, 1)
