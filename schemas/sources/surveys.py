"""Surveys of tools that ask customers: Delighted, Typeform, SurveyMonkey → `customer.survey_answered`.

What a question asks for, and on which scale, is set (`questions`) wherever the tool does not fix it: it is never
guessed. A changed answer has the identity of the first one and a higher revision.
"""

from __future__ import annotations

from schemas.sources import surveys_delighted, surveys_surveymonkey, surveys_typeform
from schemas.sources.conversion import Converted
from schemas.sources.options import Options
from schemas.sources.payload import read


def convert(payload: bytes, options: Options) -> Converted:
    """The events of one payload. Raises `Rejected`."""
    told = read(payload)
    if "form_response" in told:
        return surveys_typeform.convert(told, options)
    if "event_data" in told:
        return surveys_delighted.convert(told, options)
    if any(name in told for name in ("pages", "data", "object_type", "resources")):
        return surveys_surveymonkey.convert(told, options)
    raise told.missing("form_response", "event_data", "pages")
