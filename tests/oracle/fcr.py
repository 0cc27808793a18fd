"""First contact resolution: which interactions are first contacts, and which of them solved the matter."""

from __future__ import annotations

from collections import defaultdict

from tests.oracle.defaults import Settings
from tests.oracle.interaction import Contribution, Facts
from tests.oracle.records import Event


def fcr(interactions: list[Facts], customer_events: list[Event], settings: Settings) -> list[Contribution]:
    """Contributions of all first contacts; with no customer events: by the interactions' own word alone."""
    found = []
    aliases = aliases_of(customer_events)
    surveys = surveys_of(customer_events, aliases)
    by_customer = defaultdict(list)
    for interaction in interactions:
        if interaction.direction != "inbound":
            continue
        if interaction.customer is None:
            if interaction.served and interaction.ends:
                found.append(contribution(interaction, "unidentified"))
            continue
        by_customer[aliases.get(interaction.customer, interaction.customer)].append(interaction)
    for customer, own in by_customer.items():
        for contact in own:
            if not contact.served or not contact.ends:
                continue
            others = [other for other in own if other is not contact and matching(contact, other)]
            if any(follows(contact.started_at, other, settings) for other in others if other.served):
                continue
            repeated = any(follows(other.started_at, contact, settings) for other in others) or any(
                follows(at, contact, settings) for at in contact.reopenings
            )
            resolved = contact.resolved is not False and not repeated
            resolved = surveys.get((customer, contact.channel, contact.id), resolved)
            found.append(contribution(contact, "first_contacts"))
            if resolved:
                found.append(contribution(contact, "resolved_contacts"))
            if repeated:
                found.append(contribution(contact, "repeated_contacts"))
    return found


def matching(one: Facts, other: Facts) -> bool:
    """Whether two interactions may be about one matter."""
    return one.reason is None or other.reason is None or one.reason == other.reason


def follows(at: int, interaction: Facts, settings: Settings) -> bool:
    """Whether an instant lies in the repeat window after an end of an interaction, both ends included."""
    return any(end <= at <= end + settings.repeat_window for end in interaction.ends)


def contribution(interaction: Facts, measure: str) -> Contribution:
    """Stamped at the first end, for the channel."""
    return Contribution(interaction.ends[0], interaction.channel, "channel", None, "inbound", measure, 1)


def in_order(events: list[Event]) -> list[Event]:
    """Customers' events by time; equals by source, then id."""
    return sorted(events, key=lambda event: (event.at, event.source, event.id))


def aliases_of(events: list[Event]) -> dict[str, str]:
    """Alias -> customer: the latest claim holds."""
    claims = {}
    for event in in_order(events):
        if event.name == "identified":
            for alias in event.says("aliases"):
                claims[alias] = event.says("customer_id")
    return claims


def surveys_of(events: list[Event], aliases: dict[str, str]) -> dict[tuple[str, str, str], bool]:
    """(customer, channel, interaction) -> whether the customer says that it was resolved; the latest answer."""
    answers = {}
    for event in in_order(events):
        if event.name == "survey_answered" and event.says("resolved") is not None and event.says("interaction_id"):
            customer = aliases.get(event.says("customer_id"), event.says("customer_id"))
            channels = (
                [event.says("channel")] if event.says("channel") else ["phone", "email", "chat", "social", "video"]
            )
            for channel in channels:
                answers[customer, channel, event.says("interaction_id")] = event.says("resolved")
    return answers
