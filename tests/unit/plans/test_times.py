"""Which times may be planned: the creator's own first, then their hours, then custom."""

import datetime as dt

import pytest

from domain.analytics.posts import Post
from domain.plans.hashtags import in_words
from domain.plans.times import CUSTOMARY_HOURS, choose_times
from storage.models import Platform
from tests.creators import BERLIN, post

MONDAY = dt.datetime(2026, 3, 2, tzinfo=BERLIN)


def posts(*moments: tuple[int, int, int]) -> list[Post]:
    """Return posts of a week, a weekday and an hour, all alike."""
    return [
        post(
            number,
            posted_at=(MONDAY + dt.timedelta(weeks=week, days=weekday, hours=hour)),
            likes=100 + number,
        )
        for number, (week, weekday, hour) in enumerate(moments)
    ]


def test_a_weekday_and_hour_with_three_posts_comes_first() -> None:
    chosen = choose_times(
        posts(*((week, 3, 19) for week in range(3))), Platform.INSTAGRAM, posts_per_week=2
    )
    thursday = [time for time in chosen if time.weekday == 3]
    assert [(time.hour, time.basis) for time in thursday] == [(19, "cell"), (18, "default")]
    # On other weekdays the hour is known, the weekday is not.
    monday = [time for time in chosen if time.weekday == 0]
    assert [(time.hour, time.basis) for time in monday] == [(19, "hour"), (18, "default")]


def test_two_posts_at_a_time_say_nothing() -> None:
    chosen = choose_times(posts((0, 3, 19), (1, 3, 19)), Platform.INSTAGRAM, posts_per_week=2)
    assert {time.basis for time in chosen} == {"default"}


@pytest.mark.parametrize(("load", "offered"), [(1, 2), (7, 2), (8, 3), (21, 4)])
def test_every_weekday_offers_enough_for_the_load(load: int, offered: int) -> None:
    for platform in Platform:
        chosen = choose_times([], platform, posts_per_week=load)
        for weekday in range(7):
            hours = [time.hour for time in chosen if time.weekday == weekday]
            assert hours == list(CUSTOMARY_HOURS[platform][:offered])


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("#livemusic", "live music"),
        ("#studiolife", "studio life"),
        ("#kitchentable", "kitchen table"),
        ("#xyzzyplugh", "#xyzzyplugh"),
        ("#30minutemeals", "#30minutemeals"),
        ("night train", "night train"),
    ],
)
def test_hashtags_are_written_in_words_that_are_known(topic: str, words: str) -> None:
    assert in_words(topic, ["kitchen", "table"]) == words


def test_a_long_hashtag_takes_no_time() -> None:
    assert in_words("#" + "live" * 10 + "zzz", ["li", "ve", "liv"]) == "#" + "live" * 10 + "zzz"
