"""Figures of what customers say: answers to surveys, complaints, reviews. Pure functions of a summed cell.

An empty denominator gives None: no value, never 0 or 1.
"""

from __future__ import annotations

from stream.core.figures.service_level import ratio, share
from stream.core.measures import CODES, Cell

_C = CODES
_EXAMPLE: Cell = {
    _C["nps_answers"]: 10, _C["nps_promoters"]: 5, _C["nps_detractors"]: 2, _C["csat_answers"]: 4,
    _C["csat_satisfied"]: 3, _C["csat_sum"]: 16, _C["ces_answers"]: 2, _C["ces_sum"]: 11, _C["complaints"]: 3,
    _C["interactions_started"]: 400, _C["reviews"]: 5, _C["reviews_sum"]: 18, _C["bad_reviews"]: 1,
}  # fmt: skip


def nps(cell: Cell) -> float | None:
    """Net promoter score: how many more would recommend us than would not, of a hundred who answered.

    Formula: 100 x (answers of 9 and 10 - answers of 0 to 6) / answers.
    Unit: points, -100 to 100.
    Leaves out: who did not answer. Answers of 7 and 8 are in the denominator alone.
    Source: Reichheld, Bain.
    Elsewhere: some take the latest answer of each customer in the window. Here every answer counts.

    >>> nps(_EXAMPLE)
    30.0
    """
    return ratio(
        100 * (cell.get(_C["nps_promoters"], 0) - cell.get(_C["nps_detractors"], 0)), cell.get(_C["nps_answers"], 0)
    )


def csat(cell: Cell) -> float | None:
    """Customer satisfaction: the share of answers of 4 or 5, of 5.

    Formula: answers of 4 and 5 / answers.
    Unit: ratio.
    Leaves out: who did not answer.
    Source: the top two boxes of a scale of five, as most use them.
    Elsewhere: Zendesk long asked for good or bad alone. Others report the mean, here `csat_mean`.

    >>> csat(_EXAMPLE)
    0.75
    """
    return share(cell, "csat_satisfied", "csat_answers")


def csat_mean(cell: Cell) -> float | None:
    """Mean satisfaction: of answers from 1 to 5.

    Formula: sum of answers / answers.
    Unit: points, 1 to 5.
    Leaves out: who did not answer.
    Source: ours.
    Elsewhere: a mean of 4 may be all fours, or half fives and half threes: beside it stands the share, `csat`.

    >>> csat_mean(_EXAMPLE)
    4.0
    """
    return share(cell, "csat_sum", "csat_answers")


def ces(cell: Cell) -> float | None:
    """Customer effort score: how easy it was, from 1 to 7, on average; 7 is the easiest.

    Formula: sum of answers / answers.
    Unit: points, 1 to 7.
    Leaves out: who did not answer.
    Source: CEB (Dixon, Freeman, Toman), in its second form: "the company made it easy", agreed to from 1 to 7.
    Elsewhere: the first form asked for the effort, from 1 to 5, where less is better. Some report the share of 5 to 7.

    >>> ces(_EXAMPLE)
    5.5
    """
    return share(cell, "ces_sum", "ces_answers")


def complaints_per_1000(cell: Cell) -> float | None:
    """Complaints per thousand: complaints for each thousand interactions that started.

    Formula: 1000 x complaints / interactions started.
    Unit: complaints per thousand interactions.
    Leaves out: complaints on no channel, in rows of channels; reviews.
    Source: ours.
    Elsewhere: regulators count complaints by customers or by accounts.

    >>> complaints_per_1000(_EXAMPLE)
    7.5
    """
    return ratio(1000 * cell.get(_C["complaints"], 0), cell.get(_C["interactions_started"], 0))


def reviews_mean(cell: Cell) -> float | None:
    """Mean review: stars of reviews, from 1 to 5.

    Formula: sum of stars / reviews.
    Unit: stars, 1 to 5.
    Leaves out: nothing: a customer who writes twice counts twice.
    Source: ours.
    Elsewhere: sites weigh by age and by how much they trust the writer.

    >>> reviews_mean(_EXAMPLE)
    3.6
    """
    return share(cell, "reviews_sum", "reviews")


def bad_review_share(cell: Cell) -> float | None:
    """Bad reviews: the share of reviews with one star or two.

    Formula: reviews of at most 2 stars / reviews.
    Unit: ratio.
    Leaves out: nothing.
    Source: ours.
    Elsewhere: some call three stars bad too.

    >>> bad_review_share(_EXAMPLE)
    0.2
    """
    return share(cell, "bad_reviews", "reviews")
