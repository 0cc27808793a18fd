"""What is to be known of survey tools before they are connected."""

from __future__ import annotations

from schemas.sources.about import About, Lack, Row

ABOUT = About(
    vendor="surveys",
    ways=(
        "Delighted: a webhook for created and updated responses to `POST /in/surveys`.",
        (
            "Typeform: a webhook of the form to `POST /in/surveys`, with hidden fields `customer_id`, "
            "`interaction_id`, `channel`, `email`, `phone`, as many as you have."
        ),
        (
            "SurveyMonkey: its webhook has no answers. Fetch the response (`…/responses/{id}/details?simple=true`, or "
            "`…/responses/bulk?simple=true`) and send that, as it is."
        ),
        (
            "Questions are set: `[sources.surveys.questions.<reference>]` with `survey`, and `lowest` and `highest` "
            "where the scale is not ours. Known without are NPS of Typeform and Delighted, and CSAT (1 to 5) of "
            "Delighted. Other questions are passed over: set them before the first answer, or replay the answers."
        ),
    ),
    identity=(
        "The source is `/surveys/<tool>`, and `/<instance>` where set. An answer is known by its response (Typeform's "
        "`token`) and, but for Delighted, its question; its revision is the instant of the last change, so that a "
        "changed answer replaces the first, whichever comes first. The id of a delivery is not looked at."
    ),
    guarantees=(
        "All three try again for hours or days and may deliver twice; created and updated may come in either order. "
        "The instant of an answer is that of the response, not of its change."
    ),
    types=(
        Row(
            "form_response",
            "customer.survey_answered, customer.identified",
            "Typeform; one answer a question that is set or of type nps. Identified: where the company's own "
            "customer_id comes with email or phone",
        ),
        Row(
            "survey_response.created, survey_response.updated",
            "customer.survey_answered, customer.identified",
            "Delighted; types nps and csat. Any other type once it is set by its name; without, ces is rejected, "
            "since no scale of efforts is standard, and the rest skipped",
        ),
        Row(
            "pages",
            "customer.survey_answered, customer.identified",
            "SurveyMonkey, a response as fetched; one answer a question (or row) that is set; not when disqualified "
            "or over quota. The score is the text if it is a number, else the weight, which an NPS has no use for",
        ),
        Row("response_completed", "nothing", "SurveyMonkey's webhook: it has no score, fetch the response"),
    ),
    fields=(
        Row("answers.number, choice.label", "score", "Typeform; moved to our scale and rounded half up"),
        Row("event_data.score", "score", "Delighted; the same"),
        Row("simple_text, choice_metadata.weight", "score", "SurveyMonkey; the same"),
        Row(
            "hidden, person_properties, custom_variables",
            "customer_id, interaction_id, channel",
            "by these names, in any case, also with blanks. `interaction_id` is ours, as the platform's own part says",
        ),
        Row(
            "email, email_address, phone, phone_number",
            "customer_id",
            "where none is told: the number for the channel phone, else the address, else the number; then the tool's "
            "own id of the person; and at last the response alone, so that nobody's answer is lost",
        ),
        Row("submitted_at, created_at, date_created", "time"),
        Row("updated_at, date_modified", "revision"),
    ),
    lacks=(
        Lack("whether it was resolved", ("fcr",), "no question is read as yes or no: FCR goes by repeats alone"),
        Lack(
            "the channel", ("csat", "nps", "ces"),
            "an answer that tells neither a channel nor an interaction of the same customer counts in all, and for no "
            "channel",
        ),
        Lack(
            "who answers an anonymous survey", (),
            "each response is a customer of its own, and its interaction is not found, as that is another customer's",
        ),
        Lack("words", (), "comments are not read"),
    ),
)  # fmt: skip
