"""What may be asked of a plan; errors name the field."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.plans.inputs import ContentCalendarInput, OnboardingInput

CALENDAR = {
    "goal": "Reach 25,000 followers",
    "start": "2026-12-01",
    "end": "2026-12-31",
    "platforms": ["instagram", "youtube"],
    "posts_per_week": 4,
}
ONBOARDING = {
    "goal": "Be heard",
    "platforms": ["instagram"],
    "posts_per_week": 3,
    "niche": "quiet songs",
    "hours_per_week": 5,
    "start": "2026-12-01",
}


def test_a_calendar_of_a_quarter_is_accepted() -> None:
    asked = ContentCalendarInput.model_validate(CALENDAR | {"end": "2027-03-02"})
    assert asked.period.days == 92


def test_a_platform_named_twice_counts_once() -> None:
    asked = ContentCalendarInput.model_validate(CALENDAR | {"platforms": ["youtube", "youtube"]})
    assert asked.platforms == ("youtube",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goal", ""),
        ("goal", "x" * 501),
        ("start", "soon"),
        ("end", "2026-12-01"),
        ("end", "2026-11-30"),
        ("end", "2027-03-03"),
        ("platforms", []),
        ("platforms", ["myspace"]),
        ("posts_per_week", 0),
        ("posts_per_week", 22),
        ("surprise", 1),
    ],
)
def test_what_cannot_be_planned_is_named_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        ContentCalendarInput.model_validate(CALENDAR | {field: value})
    assert {each["loc"][0] for each in error.value.errors()} == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [("hours_per_week", 0), ("hours_per_week", 61), ("weeks", 13), ("niche", "x"), ("voice", "")],
)
def test_the_onboarding_form_has_limits(field: str, value: Any) -> None:
    assert OnboardingInput.model_validate(ONBOARDING).period.days == 28
    with pytest.raises(ValidationError) as error:
        OnboardingInput.model_validate(ONBOARDING | {field: value})
    assert {each["loc"][0] for each in error.value.errors()} == {field}


def test_nul_which_no_database_stores_is_left_out() -> None:
    assert ContentCalendarInput.model_validate(CALENDAR | {"goal": "Gr\0ow"}).goal == "Grow"
