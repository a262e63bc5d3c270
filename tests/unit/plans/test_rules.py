"""Each rule of plans, broken one at a time."""

import datetime as dt
from typing import Any

import pytest

from domain.figures import Figure
from domain.plans.assembly import find_broken_rules
from domain.plans.evidence import Evidence, OfferedTime
from domain.plans.finishing import finish_plan
from domain.plans.inputs import ContentCalendarInput
from domain.plans.plan import Plan
from domain.plans.rules import check_plan
from domain.plans.weeks import list_weeks
from storage.models import Platform

MONDAY = dt.date(2026, 12, 7)
SUNDAY = dt.date(2026, 12, 13)
FIGURE = Figure(
    id="f1",
    label="times the usual engagement, Tuesday 18:00",
    value=2.1,
    metric="relative_engagement",
    platform="instagram",
    start=dt.date(2026, 1, 1),
    end=dt.date(2026, 12, 1),
    observations=10,
)


def item(**fields: Any) -> dict[str, Any]:
    whole = {
        "date": "2026-12-08",
        "time": "18:00",
        "platform": "instagram",
        "format": "reel",
        "hook": "The step nobody films",
        "caption": "This is the part that I usually cut, and here it is.",
        "call_to_action": "Tell me.",
        "why": "Tuesdays at 18:00 earned {{f1}} times the usual.",
        "figure": "f1",
    }
    return whole | fields


OTHER = item(
    date="2026-12-10",
    hook="Ask me anything",
    caption="Your questions, my answers.",
    figure=None,
    no_figure_reason="No topic has enough posts.",
    why="A trial.",
)


def plan(*items: dict[str, Any], **fields: Any) -> Plan:
    whole: dict[str, Any] = {
        "template": "content_calendar",
        "title": "A week",
        "goal": "Reach 25,000 followers",
        "start": MONDAY,
        "end": SUNDAY,
        "timezone": "Europe/Berlin",
        "platforms": ["instagram"],
        "posts_per_week": 2,
        "model": "scripted",
        "items": items or [item(), OTHER],
        "figures": [FIGURE],
    }
    return Plan.model_validate(whole | fields)


def evidence() -> Evidence:
    times = [
        OfferedTime(platform=Platform.INSTAGRAM, weekday=day, time=dt.time(18), basis="cell")
        for day in range(7)
    ]
    return Evidence(
        today=MONDAY, timezone="Europe/Berlin", locale="en", times=times, figures=[FIGURE]
    )


def broken(found: Plan, **options: Any) -> list[str]:
    rules = check_plan(found, evidence(), said="Reach 25,000 followers", **options)
    return sorted({rule.rule for rule in rules})


def test_a_good_plan_breaks_no_rule() -> None:
    assert broken(plan()) == []


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"date": "2026-12-15"}, ["load", "period"]),
        ({"platform": "youtube"}, ["platform"]),
        ({"time": "18:30"}, ["time"]),
        ({"time": "03:00"}, ["time"]),
        ({"date": "2026-12-10"}, ["time"]),  # that of the other post
        ({"pillar": "Made up"}, ["pillar"]),
        ({"figure": "f9"}, ["figure"]),
        ({"figure": None}, ["figure"]),
        ({"no_figure_reason": "There is none."}, ["figure"]),
        ({"hook": "ASK me anything"}, ["hook"]),
        ({"caption": "Yes: your questions, my answers. And then some."}, []),
        ({"hook": "7 tips that work"}, ["number"]),
        ({"caption": "I doubled my views."}, ["number"]),
        ({"why": "It earned {{f7}} times the usual."}, ["number"]),
        ({"why": "It earned 3.4 times the usual engagement."}, ["number"]),
        ({"call_to_action": "Help me reach 25,000 followers."}, []),
    ],
)
def test_each_broken_rule_is_named(changes: dict[str, Any], rules: list[str]) -> None:
    assert broken(plan(item(**changes), OTHER)) == rules


@pytest.mark.parametrize(
    ("weeks", "rules"),
    [
        ([{"week": 1, "theme": "Beginnings", "pillar": "Rehearsals"}], []),
        ([{"week": 2, "theme": "Beginnings"}], ["week"]),
        ([{"week": 1, "theme": "Beginnings"}, {"week": 1, "theme": "Again"}], ["week"]),
        ([{"week": 1, "theme": "Beginnings", "pillar": "Made up"}], ["pillar"]),
        ([{"week": 1, "theme": "7 beginnings"}], ["number"]),
    ],
)
def test_each_week_has_one_theme(weeks: list[dict[str, Any]], rules: list[str]) -> None:
    pillars = [{"name": "Rehearsals", "description": "How it comes about."}]
    assert broken(plan(weeks=weeks, pillars=pillars)) == rules


def test_no_post_goes_out_in_the_hour_that_clocks_leave_out() -> None:
    """In Berlin there is no 2:30 on the last Sunday of March."""
    times = [
        OfferedTime(platform=Platform.INSTAGRAM, weekday=day, time=dt.time(2), basis="cell")
        for day in range(7)
    ]
    known = evidence().model_copy(update={"times": times})
    night = item(date="2027-03-28", time="02:00")
    found = plan(night, start=dt.date(2027, 3, 27), end=dt.date(2027, 3, 28), posts_per_week=4)
    rules = check_plan(found, known, said="")
    assert [rule.message.partition(": ")[2] for rule in rules] == [
        "clocks are put forward on 2027-03-28, and never show 02:00"
    ]


@pytest.mark.parametrize("posts", [1, 3])
def test_a_week_has_as_many_posts_as_asked(posts: int) -> None:
    rules = check_plan(plan(posts_per_week=posts), evidence(), said="")
    assert [(rule.rule, rule.week) for rule in rules if rule.rule == "load"] == [("load", 1)]


def test_captions_share_no_six_words_in_a_row() -> None:
    shared = "But this is THE part, that I usually cut! Why?"
    second = item(**(OTHER | {"caption": shared}))
    [rule] = check_plan(plan(item(), second), evidence(), said="")
    assert (rule.rule, rule.week) == ("caption", 1)
    assert "is the part that i usually" in rule.message


def test_hashtags_may_be_the_same() -> None:
    tags = " ".join(f"#tag{letter}" for letter in "abcdefgh")
    assert (
        broken(
            plan(
                item(caption=f"One thing. {tags}"), item(**(OTHER | {"caption": f"Other. {tags}"}))
            )
        )
        == []
    )


def test_a_routine_fits_into_the_hours() -> None:
    step = {"weekday": "Monday", "minutes": 90, "task": "Film."}
    assert broken(plan(routine=[step]), minutes_per_week=90) == []
    assert broken(plan(routine=[step]), minutes_per_week=60) == ["hours"]


def test_a_plan_without_posts_is_none() -> None:
    assert broken(plan().model_copy(update={"items": []})) == ["load"]


def test_a_finished_plan_has_numbers_and_only_the_figures_it_names() -> None:
    unused = FIGURE.model_copy(update={"id": "f2"})
    found = finish_plan(plan(OTHER, item(), figures=[FIGURE, unused]), "de")
    assert [each.why for each in found.items] == [
        "Tuesdays at 18:00 earned 2,1 times the usual.",
        "A trial.",
    ]
    assert [figure.id for figure in found.figures] == ["f1"]


# --- weeks ---


@pytest.mark.parametrize(
    ("start", "end", "posts_per_week", "posts"),
    [
        ("2026-12-07", "2026-12-13", 5, [5]),
        ("2026-12-10", "2026-12-23", 7, [4, 7, 3]),
        ("2026-12-10", "2026-12-23", 3, [2, 3, 1]),
        ("2026-12-12", "2026-12-21", 1, [0, 1, 0]),
        ("2026-12-12", "2026-12-13", 1, [1]),  # one post at least
        ("2026-12-13", "2026-12-14", 21, [3, 3]),
    ],
)
def test_parts_of_weeks_get_their_share(
    start: str, end: str, posts_per_week: int, posts: list[int]
) -> None:
    weeks = list_weeks(dt.date.fromisoformat(start), dt.date.fromisoformat(end), posts_per_week)
    assert [week.posts for week in weeks] == posts
    assert weeks[0].start.isoformat() == start
    assert weeks[-1].end.isoformat() == end


@pytest.mark.parametrize("days", range(2, 93))
def test_any_period_gets_what_it_should(days: int) -> None:
    start = MONDAY + dt.timedelta(days=days % 7)
    for posts_per_week in (1, 4, 21):
        weeks = list_weeks(start, start + dt.timedelta(days=days - 1), posts_per_week)
        total = sum(week.posts for week in weeks)
        assert abs(total - posts_per_week * days / 7) <= 1
        assert all(week.posts == posts_per_week for week in weeks if len(week.days) == 7)


def test_a_text_is_not_too_long_either_once_its_figures_are_written() -> None:
    """What is stored is read again: a plan with such a text could never be opened."""
    value = FIGURE.model_copy(update={"value": 1_234_567_890})
    asked = ContentCalendarInput(
        goal="Reach 25,000 followers",
        platforms=(Platform.INSTAGRAM,),
        posts_per_week=2,
        start=MONDAY,
        end=SUNDAY,
    )
    known = evidence().model_copy(update={"figures": [value]})
    for length, rules in ((180, []), (194, ["length"])):
        long = item(hook="x" * (length - 1) + " {{f1}}", figure="f1")
        found = find_broken_rules(plan(long, OTHER, figures=[value]), asked, known)
        assert [(each.rule, each.part, each.week) for each in found] == [
            (rule, "items", 1) for rule in rules
        ]
