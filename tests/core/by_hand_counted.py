"""Lives of one customer, and all that they count but for journeys, worked out by hand. See `one_life` and `by_hand`.

A line of counts is a day and a time, a scope, and what is counted there. `joined_in=2T10:00`: who joined then has left.
"""

from __future__ import annotations

Lives = dict[str, tuple[str, str]]

ORDERS: Lives = {
    "an order told twice is the first one told, wherever another comes between, and one comes back": (
        """
        0 10:00 purchased o1 amount=500 currency=EUR
        1 10:00 purchased o1 amount=900 currency=EUR
        1 11:00 purchased o2 amount=70 currency=CHF
        2 10:00 returned o2
        """,
        """
        0 00:00 *|*|y: buyers
        0 10:00 *|i|*: orders
        0 10:00 *|i|$EUR: orders order_amount=500
        1 00:00 *|*|y: repeat_buyers
        1 11:00 *|i|*: orders orders_returned
        1 11:00 *|i|$CHF: orders order_amount=70
        365 00:00 *|*|y: repeat_buyers=-1
        366 00:00 *|*|y: buyers=-1
        """,
    ),
    "a gift": (
        "0 10:00 purchased o1 amount=0 currency=EUR",
        """
        0 00:00 *|*|y: buyers
        0 10:00 *|i|*: orders
        0 10:00 *|i|$EUR: orders
        365 00:00 *|*|y: buyers=-1
        """,
    ),
    "what is bought on the 365th day after begins a year of its own": (
        "0 10:00 purchased o1 amount=1 currency=EUR\n 365 00:00 purchased o2 amount=1 currency=EUR",
        """
        0 00:00 *|*|y: buyers
        0 10:00 *|i|*: orders
        0 10:00 *|i|$EUR: orders order_amount=1
        365 00:00 *|i|*: orders
        365 00:00 *|i|$EUR: orders order_amount=1
        730 00:00 *|*|y: buyers=-1
        """,
    ),
    "who comes back after years buys, and buys again, in times of their own": (
        """
        0 10:00 purchased o1 amount=1 currency=EUR
        400 10:00 purchased o2 amount=1 currency=EUR
        500 10:00 purchased o3 amount=1 currency=EUR
        600 10:00 purchased o4 amount=1 currency=EUR
        """,
        """
        0 00:00 *|*|y: buyers
        0 10:00 *|i|*: orders
        0 10:00 *|i|$EUR: orders order_amount=1
        365 00:00 *|*|y: buyers=-1
        400 00:00 *|*|y: buyers
        400 10:00 *|i|*: orders
        400 10:00 *|i|$EUR: orders order_amount=1
        500 00:00 *|*|y: repeat_buyers
        500 10:00 *|i|*: orders
        500 10:00 *|i|$EUR: orders order_amount=1
        600 10:00 *|i|*: orders
        600 10:00 *|i|$EUR: orders order_amount=1
        865 00:00 *|*|y: repeat_buyers=-1
        965 00:00 *|*|y: buyers=-1
        """,
    ),
}

MEMBERS: Lives = {
    "who joins twice has joined once, and who leaves twice has left once": (
        """
        0 10:00 left
        1 10:00 joined
        2 10:00 joined
        91 10:00 left
        91 11:00 left
        """,
        """
        1 10:00 *|i|*: members customers_joined left_early
        91 10:00 *|i|*: members=-1 customers_left joined_in=1T00:00
        """,
    ),
    "after ninety days nobody leaves early": (
        "1 10:00 joined\n 91 10:00:00.001 left",
        """
        1 10:00 *|i|*: members customers_joined
        91 10:00:00.001 *|i|*: members=-1 customers_left joined_in=1T00:00
        """,
    ),
    "of one instant joining comes first": (
        "1 10:00:29 left\n 1 10:00:29 joined",
        "1 10:00:29 *|i|*: customers_joined left_early customers_left joined_in=1T10:00:20",
    ),
    "for forty-nine hours when they had joined is told to ten seconds": (
        "1 10:00:29 joined\n 3 11:00:29 left",
        """
        1 10:00:29 *|i|*: members customers_joined left_early
        3 11:00:29 *|i|*: members=-1 customers_left joined_in=1T10:00:20
        """,
    ),
    "and then to the day": (
        "1 10:00:29 joined\n 3 11:00:29.001 left",
        """
        1 10:00:29 *|i|*: members customers_joined left_early
        3 11:00:29.001 *|i|*: members=-1 customers_left joined_in=1T00:00
        """,
    ),
    "for 402 days": (
        "1 10:00 joined\n 403 10:00 left",
        """
        1 10:00 *|i|*: members customers_joined
        403 10:00 *|i|*: members=-1 customers_left joined_in=1T00:00
        """,
    ),
    "and then no more, since no window is as long": (
        "1 10:00 joined\n 403 10:00:00.001 left",
        """
        1 10:00 *|i|*: members customers_joined
        403 10:00:00.001 *|i|*: members=-1 customers_left
        """,
    ),
    "who joins again is a member again": (
        "1 10:00 joined\n 101 10:00 left\n 201 10:00 joined",
        """
        1 10:00 *|i|*: members customers_joined
        101 10:00 *|i|*: members=-1 customers_left joined_in=1T00:00
        201 10:00 *|i|*: members customers_joined
        """,
    ),
}

FELT: Lives = {
    "an nps of nine promotes, one of six detracts": (
        """
        0 10:00 survey_answered nps is=10
        1 10:00 survey_answered nps is=9
        2 10:00 survey_answered nps is=8
        3 10:00 survey_answered nps is=7
        4 10:00 survey_answered nps is=6
        5 10:00 survey_answered nps is=0
        """,
        """
        0 10:00 *|i|*: nps_answers nps_promoters
        1 10:00 *|i|*: nps_answers nps_promoters
        2 10:00 *|i|*: nps_answers
        3 10:00 *|i|*: nps_answers
        4 10:00 *|i|*: nps_answers nps_detractors
        5 10:00 *|i|*: nps_answers nps_detractors
        """,
    ),
    "a csat of four is satisfied; of csat and ces the mean and its spread are told": (
        """
        0 10:00 survey_answered csat is=5
        1 10:00 survey_answered csat is=4
        2 10:00 survey_answered csat is=3
        3 10:00 survey_answered ces is=7 channel=email
        """,
        """
        0 10:00 *|i|*: csat_answers csat_satisfied csat_sum=5 csat_squares=25
        1 10:00 *|i|*: csat_answers csat_satisfied csat_sum=4 csat_squares=16
        2 10:00 *|i|*: csat_answers csat_sum=3 csat_squares=9
        3 10:00 email|i|*: ces_answers ces_sum=7 ces_squares=49
        """,
    ),
    "about a contact: for its channel, and again for its queue and its agent": (
        """
        0 10:00 phone p1 queue=support agent_id=anna for=5m
        0 11:00 survey_answered nps is=9 interaction_id=p1
        """,
        """
        0 10:00 phone|i|*: identified
        0 10:05 phone|i|*: first_contacts resolved_contacts
        0 10:05 phone|i|aanna: first_contacts resolved_contacts
        0 11:00 phone|i|*: nps_answers nps_promoters
        0 11:00 phone|i|ssupport: nps_answers nps_promoters
        0 11:00 phone|i|aanna: nps_answers nps_promoters
        """,
    ),
    "about one that nobody knows, or on another channel: where it says that it is": (
        """
        0 10:00 phone p1 queue=support agent_id=anna out=yes
        0 11:00 survey_answered nps is=8 interaction_id=p2 channel=phone
        0 12:00 survey_answered nps is=8 interaction_id=p1 channel=chat
        0 13:00 survey_answered nps is=8 interaction_id=p2
        """,
        """
        0 11:00 phone|i|*: nps_answers
        0 12:00 chat|i|*: nps_answers
        0 13:00 *|i|*: nps_answers
        """,
    ),
    "of two of one id about the one begun last, without a queue or an agent for the channel alone": (
        """
        0 10:00 phone x queue=support agent_id=anna out=yes
        0 10:01 chat x out=yes
        0 11:00 survey_answered nps is=8 interaction_id=x
        """,
        "0 11:00 chat|i|*: nps_answers",
    ),
    "a complaint, for its channel; one made in public": (
        """
        0 10:00 complained x channel=phone
        0 11:00 complained x public=yes
        0 12:00 complained x public=no
        """,
        """
        0 10:00 phone|i|*: complaints
        0 11:00 *|i|*: complaints public_complaints
        0 12:00 *|i|*: complaints
        """,
    ),
    "a review of two stars is bad": (
        "0 10:00 reviewed 1\n 0 11:00 reviewed 2\n 0 12:00 reviewed 3\n 0 13:00 reviewed 5",
        """
        0 10:00 *|i|*: reviews reviews_sum=1 reviews_squares=1 bad_reviews
        0 11:00 *|i|*: reviews reviews_sum=2 reviews_squares=4 bad_reviews
        0 12:00 *|i|*: reviews reviews_sum=3 reviews_squares=9
        0 13:00 *|i|*: reviews reviews_sum=5 reviews_squares=25
        """,
    ),
}
