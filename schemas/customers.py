"""Events of a customer: surveys, orders, complaints, membership, identity."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from schemas.envelope import Channel, EntityId, Envelope, Name, Whole

Survey = Literal["csat", "nps", "ces"]
Phase = Literal["before", "during", "after"]
Money = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class CustomerData(Struct, kw_only=True, omit_defaults=True, gc=False):
    """`data` of every customer event."""

    customer_id: EntityId


class SurveyData(CustomerData, kw_only=True):
    """Scales: csat 1-5, nps 0-10, ces 1-7; `codec` checks the range."""

    RANGE: ClassVar[dict[str, tuple[int, int]]] = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}

    survey: Survey
    score: Whole
    interaction_id: EntityId | None = None
    channel: Channel | None = None
    resolved: bool | None = None


class PurchasedData(CustomerData, kw_only=True):
    """An order; `amount` in minor units of `currency`."""

    order_id: Name
    amount: Money
    currency: Name


class ReturnedData(CustomerData, kw_only=True):
    """An order that came back, wholly or in part."""

    order_id: Name
    amount: Money | None = None
    currency: str | None = None


class ComplainedData(CustomerData, kw_only=True):
    """What a complaint is about, and where it was made."""

    about: str | None = None
    channel: Channel | None = None
    public: bool | None = None


class ReviewedData(CustomerData, kw_only=True):
    """A rating in stars."""

    rating: Annotated[int, Meta(ge=1, le=5)]
    site: str | None = None


class TouchedData(CustomerData, kw_only=True):
    """A touchpoint, and the phase of a purchase that it belongs to."""

    touchpoint: str | None = None
    outcome: str | None = None
    phase: Phase | None = None


class CustomerUpdatedData(CustomerData, kw_only=True):
    """`segment` is one of a closed list by setting."""

    segment: str | None = None


class IdentifiedData(CustomerData, kw_only=True):
    """Aliases such as `tel:+39…`, `mailto:…`, `social:…`."""

    aliases: list[EntityId]


class CustomerForgottenData(CustomerData, kw_only=True):
    """Between our own shards alone. `by`: of an alias's, the customer who is forgotten and claims it; `handed`: it was
    told of an alias, and is meant for who held that.
    """

    by: EntityId | None = None
    handed: bool = False


class SurveyAnswered(Envelope, tag="customer.survey_answered"):
    """An answer to a survey: csat 1-5, nps 0-10, ces 1-7."""

    data: SurveyData


class Purchased(Envelope, tag="customer.purchased"):
    """An order was placed; `amount` in minor units."""

    data: PurchasedData


class Returned(Envelope, tag="customer.returned"):
    """An order was sent back."""

    data: ReturnedData


class Complained(Envelope, tag="customer.complained"):
    """A complaint; `public` for a post."""

    data: ComplainedData


class Reviewed(Envelope, tag="customer.reviewed"):
    """A review was written."""

    data: ReviewedData


class Joined(Envelope, tag="customer.joined"):
    """Became a customer."""

    data: CustomerData


class Left(Envelope, tag="customer.left"):
    """Stopped being a customer."""

    data: CustomerData


class Touched(Envelope, tag="customer.touched"):
    """Met us elsewhere: site, shop, delivery, invoice."""

    data: TouchedData


class CustomerUpdated(Envelope, tag="customer.updated"):
    """The customer's segment changed."""

    data: CustomerUpdatedData


class Identified(Envelope, tag="customer.identified"):
    """These aliases are this customer."""

    data: IdentifiedData


class CustomerForgotten(Envelope, tag="customer.forgotten"):
    """Internal: what happened to the customer until then is to be forgotten. See `centralino forget`."""

    data: CustomerForgottenData


CustomerEvent = (
    SurveyAnswered | Purchased | Returned | Complained | Reviewed | Joined | Left | Touched | CustomerUpdated
    | Identified | CustomerForgotten
)  # fmt: skip
