"""What creators ask to change in a plan, and what a model may not write into it."""

from typing import Any

import pytest

from domain.plans.plan import Plan
from domain.plans.revision import Revision, RevisionError, revise
from tests.unit.plans.test_rules import OTHER, item, plan

SPOTIFY = item(
    date="2026-12-11",
    platform="spotify",
    format="playlist",
    hook="Songs for the road",
    caption="What I listen to on the way to the studio.",
)


def changed(found: Plan, *changes: dict[str, Any], said: str = "") -> Plan:
    asked = Revision.model_validate({"changes": changes})
    return revise(found, asked.changes, said=said, locale="en")[0]


def three() -> Plan:
    return plan(item(), OTHER, SPOTIFY, platforms=["instagram", "spotify"], posts_per_week=3)


def days(found: Plan) -> list[str]:
    return [f"{it.date:%a} {it.time:%H:%M} {it.platform}" for it in found.items]


def test_a_post_moves_to_another_day_and_says_that_its_figure_does_not_speak_for_it() -> None:
    move = {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2026-12-12"}
    found = changed(plan(), move)
    assert days(found) == ["Thu 18:00 instagram", "Sat 18:00 instagram"]
    assert found.items[1].figure is None
    assert found.items[1].no_figure_reason == found.items[1].why == "It is where you wanted it."


def test_tuesdays_reel_moves_to_friday_of_its_week() -> None:
    pick = {"weekday": "Tuesday", "format": "Reel"}
    move = {"do": "move_post", "post": pick, "to_weekday": "Friday", "to_time": "09:30"}
    assert days(changed(plan(), move))[1] == "Fri 09:30 instagram"


def test_the_posts_of_a_platform_are_taken_out() -> None:
    drop = {"do": "remove_posts", "posts": {"platform": "spotify"}}
    assert days(changed(three(), drop)) == ["Tue 18:00 instagram", "Thu 18:00 instagram"]


def test_fewer_posts_a_week_keep_what_rests_on_figures() -> None:
    found = changed(three(), {"do": "set_load", "posts_per_week": 2})
    assert found.posts_per_week == 2
    assert [it.figure for it in found.items] == ["f1", "f1"]


def test_a_shift_by_a_week_keeps_the_reasons_and_one_by_a_day_does_not() -> None:
    week = changed(plan(), {"do": "shift_plan", "days": 7})
    assert (str(week.start), str(week.end)) == ("2026-12-14", "2026-12-20")
    assert week.items[0].figure == "f1"
    day = changed(plan(), {"do": "shift_plan", "days": 1})
    assert [it.figure for it in day.items] == [None, None]


def test_a_plan_gets_another_title() -> None:
    assert changed(plan(), {"do": "rename", "title": "Calm December"}).title == "Calm December"


def test_words_are_rewritten_and_a_post_is_added() -> None:
    rewrite = {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "caption": "Here it is."}
    add = {
        "do": "add_post", "date": "2026-12-09", "time": "12:00", "platform": "instagram",
        "format": "photo", "hook": "One picture", "caption": "No words today.",
        "call_to_action": "Guess where.",
    }  # fmt: skip
    found = changed(plan(), rewrite, add)
    assert [it.caption for it in found.items][:2] == ["Here it is.", "No words today."]
    assert found.items[0].figure == "f1"
    assert found.items[1].no_figure_reason == "You asked for this post."


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"do": "move_post", "post": {}, "to_time": "09:00"}, "2 posts fit, name one"),
        ({"do": "move_post", "post": {"week": 9}, "to_time": "09:00"}, "no such post"),
        (
            {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2027-01-08"},
            "is not between 2026-12-07 and 2026-12-13",
        ),
        (
            {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2026-12-10"},
            "two posts on instagram at the same time",
        ),
        (
            {"do": "move_post", "post": {"date": "2026-12-08"}, "to_platform": "youtube"},
            "youtube was not asked for",
        ),
        (
            {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2026-12-08"},
            "it is there already",
        ),
        (
            {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "hook": "7 tips"},
            "“7” has no source",
        ),
        (
            {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "caption": "It has {{f1}}."},
            "Write no {{references}}",
        ),
        (
            {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "hook": "ask me anything"},
            "its hook is that of",
        ),
        ({"do": "remove_posts", "posts": {"platform": "instagram"}}, "one post at least"),
        ({"do": "set_load", "posts_per_week": 2}, "no more than that"),
        ({"do": "shift_plan", "days": 0}, "by how many days"),
    ],
)
def test_what_breaks_a_rule_is_named(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(RevisionError) as error:
        changed(plan(), change)
    assert fault in error.value.detail


def test_numbers_that_the_creator_said_may_be_written() -> None:
    rewrite = {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "hook": "7 tips"}
    assert changed(plan(), rewrite, said="Call it 7 tips").items[0].hook == "7 tips"


def test_what_the_creator_wrote_against_the_rules_may_stay() -> None:
    own = plan(item(hook="99 tips"), OTHER)
    move = {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2026-12-12"}
    assert changed(own, move).items[1].hook == "99 tips"


@pytest.mark.parametrize(
    "change",
    [
        {"do": "move_post", "post": {"date": "2026-12-08"}},
        {"do": "rewrite_post", "post": {"date": "2026-12-08"}},
        {"do": "remove_posts", "posts": {}},
        {"do": "explode"},
        {"do": "rename", "title": ""},
        {"do": "rename", "title": "x", "user_id": "me"},
    ],
)
def test_a_change_has_to_say_something_that_is_known(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="changes"):
        Revision.model_validate({"changes": [change]})
