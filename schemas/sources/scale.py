"""Scores of surveys, from the scale that a question has to ours of the survey."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from schemas.customers import SurveyData
from schemas.sources.options import Question


def scale(question: Question) -> tuple[int, int]:
    """The lowest and the highest answer of a question; ours of the survey where the settings say nothing."""
    if question.lowest is None or question.highest is None:
        return SurveyData.RANGE[question.survey]
    return question.lowest, question.highest


def scaled(question: Question, told: float) -> int | None:
    """A score on our scale of the survey, rounded half up; None when the question's scale has it not.

    >>> scaled(Question(survey="csat"), 4), scaled(Question(survey="csat", lowest=1, highest=10), 9)
    (4, 5)
    >>> scaled(Question(survey="ces", lowest=1, highest=5, reversed=True), 2), scaled(Question(survey="nps"), 11)
    (6, None)
    """
    (low, high), (lowest, highest) = SurveyData.RANGE[question.survey], scale(question)
    if not lowest <= told <= highest or lowest == highest:
        return None
    up = highest - Fraction(told) if question.reversed else Fraction(told) - lowest
    return floor(low + up * (high - low) / (highest - lowest) + Fraction(1, 2))
