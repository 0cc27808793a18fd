"""Figures of whether it helped: resolved, reopened, come back, contained. Pure functions of a summed cell; ratios.

An empty denominator gives None: no value, never 0 or 1.
"""

from __future__ import annotations

from stream.core.figures.service_level import share
from stream.core.measures import CODES, Cell

_C = CODES
_EXAMPLE: Cell = {
    _C["ended"]: 10, _C["reopened"]: 1, _C["resolved_known"]: 8, _C["resolved"]: 6, _C["first_contacts"]: 5,
    _C["resolved_contacts"]: 4, _C["repeated_contacts"]: 1, _C["bot_interactions"]: 5, _C["bot_contained"]: 2,
    _C["identified"]: 20, _C["repeats"]: 3,
}  # fmt: skip


def reopen_rate(cell: Cell) -> float | None:
    """Reopen rate: reopenings for each closing.

    Formula: reopenings of closed interactions / closings, each counted when it happens.
    Unit: ratio.
    Leaves out: interactions that an event after the end opened again without saying so.
    Source: ours.
    Elsewhere: Chatwoot records each opening, with the time since the resolution. Amazon Connect counts reopened cases.

    >>> reopen_rate(_EXAMPLE)
    0.1
    """
    return share(cell, "reopened", "ended")


def resolution_rate(cell: Cell) -> float | None:
    """Resolution rate: the share of closings that resolved the matter, of those that said so or the contrary.

    Formula: closings with `resolved` true / closings with `resolved` known.
    Unit: ratio.
    Leaves out: closings that said nothing.
    Source: ours.
    Elsewhere: Freshservice takes tickets that needed no further reply of the customer as resolved at first contact.

    >>> resolution_rate(_EXAMPLE)
    0.75
    """
    return share(cell, "resolved", "resolved_known")


def fcr_ratio(cell: Cell) -> float | None:
    """First-contact resolution: the share of matters that one contact resolved.

    A first contact is a served inbound interaction without an earlier served one of the customer about the matter, on
    any channel, in the repeat window before it. It is counted at its first end, in its own channel, and stops being
    resolved when the customer comes back in the repeat window after it. `provisional` is of the window, in which most
    customers had no time yet to come back; `matured` is of as many whole days whose repeat window is over: the one to
    report.

    Formula: first contacts resolved / first contacts.
    Unit: ratio.
    Leaves out: interactions without a customer, counted as `unidentified`; contacts that nobody served.
    Source: SQM, with repeat tracking; a survey's answer overrides it.
    Elsewhere: SQM measures each channel on its own. Freshservice asks that the customer wrote no further reply.
    Zammad's first solution is a closing within 15 minutes, and stays one after a reopening.

    >>> fcr_ratio(_EXAMPLE)
    0.8
    """
    return share(cell, "resolved_contacts", "first_contacts")


def repeat_rate(cell: Cell) -> float | None:
    """Repeat rate: the share of first contacts after which the customer had to come back.

    Formula: first contacts with a repeat, or a reopening, in the repeat window / first contacts.
    Unit: ratio.
    Leaves out: interactions without a customer; how often the customer came back.
    Source: SQM.
    Elsewhere: repeat windows of 1 to 30 days are in use, mostly of 7 to 14; here it is a setting, by default 7 days.

    >>> repeat_rate(_EXAMPLE)
    0.2
    """
    return share(cell, "repeated_contacts", "first_contacts")


def repeat_inflow(cell: Cell) -> float | None:
    """Repeat inflow: the share of what comes in that should not have been needed: the live sister of FCR.

    Formula: inbound interactions that are repeats / inbound interactions with a customer, at their start.
    Unit: ratio.
    Leaves out: interactions without a customer.
    Source: ours, after SQM's tracking of repeats.
    Elsewhere: found in no product that we have read.

    >>> repeat_inflow(_EXAMPLE)
    0.15
    """
    return share(cell, "repeats", "identified")


def containment(cell: Cell) -> float | None:
    """Containment: the share of interactions with a bot that needed nobody else.

    Formula: ended by a bot, without an agent, and no other interaction of the customer in 24 hours / interactions that
    met a bot.
    Unit: ratio.
    Leaves out: interactions that are not over. One without a customer is contained, and counted as `bot_unidentified`
    too: nobody can say whether the customer came back.
    Source: ours.
    Elsewhere: Dynamics 365 keeps what bots answered out of the service level.

    >>> containment(_EXAMPLE)
    0.4
    """
    return share(cell, "bot_contained", "bot_interactions")
