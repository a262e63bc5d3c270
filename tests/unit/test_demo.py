"""The demo creator's stories, found again by statistics over her numbers and posts."""

import datetime as dt
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import groupby, pairwise
from statistics import mean, median
from zoneinfo import ZoneInfo

import pytest

from domain.demo import DemoCreator, build_demo
from domain.demo.creator import DemoGoal, DemoPost
from storage.models import AudienceDimension, DayStatus, Metric, Platform

BERLIN = ZoneInfo("Europe/Berlin")
# A day of each weekday, both ends of summer time, a leap day, turns of a month and of a year.
TODAYS = [
    dt.date(2026, 11, 20),
    dt.date(2027, 1, 1),
    dt.date(2027, 3, 28),
    dt.date(2027, 6, 30),
    dt.date(2027, 10, 31),
    dt.date(2027, 11, 16),
    dt.date(2028, 2, 29),
    dt.date(2028, 8, 31),
    dt.date(2028, 9, 9),
    dt.date(2028, 12, 4),
]


def day_before(day: dt.date, days: int = 1) -> dt.date:
    return day - dt.timedelta(days=days)


class Demo:
    """A demo creator with the lookups that the statistics need."""

    def __init__(self, today: dt.date) -> None:
        self.today = today
        self.creator: DemoCreator = build_demo(today)

    def series(self, platform: Platform, metric: Metric) -> dict[dt.date, int]:
        """Return the known values by date."""
        values = {
            day.date: day.values.get(metric)
            for day in self.creator.days
            if day.platform is platform
        }
        return {date: value for date, value in values.items() if value is not None}

    def changes(self, platform: Platform) -> dict[dt.date, int]:
        """Return the daily change of followers."""
        followers = self.series(platform, Metric.FOLLOWERS)
        return {
            date: value - followers[day_before(date)]
            for date, value in followers.items()
            if day_before(date) in followers
        }

    def growth(self, platform: Platform, start: dt.date, end: dt.date) -> float:
        """Return the percent by which followers grew from one day's end to another's."""
        followers = self.series(platform, Metric.FOLLOWERS)
        end = min(end, max(followers))
        return 100 * (followers[end] / followers[start] - 1)

    def posts(self, platform: Platform, *types: str) -> list[DemoPost]:
        return [
            post
            for post in self.creator.posts
            if post.platform is platform and (not types or post.post_type in types)
        ]

    def goal(self, platform: Platform) -> DemoGoal:
        (goal,) = [goal for goal in self.creator.goals if goal.platform is platform]
        return goal


@cache
def build(today: dt.date) -> Demo:
    return Demo(today)


@pytest.fixture(params=TODAYS, ids=str)
def demo(request: pytest.FixtureRequest) -> Demo:
    return build(request.param)


def local(post: DemoPost) -> dt.datetime:
    return post.posted_at.astimezone(BERLIN)


def engagement(post: DemoPost) -> int:
    return sum(count or 0 for count in (post.likes, post.comments, post.shares, post.saves))


def views(post: DemoPost) -> int:
    assert post.views is not None
    return post.views


def total(series: dict[dt.date, int], days: Iterable[dt.date]) -> int:
    return sum(series[day] for day in days)


def week_from(monday: dt.date) -> list[dt.date]:
    return [monday + dt.timedelta(days=number) for number in range(7)]


# --- the shape ---


def test_a_year_of_days_ends_today_on_each_of_four_accounts(demo: Demo) -> None:
    assert set(demo.creator.accounts) == set(Platform)
    expected = [day_before(demo.today, age) for age in range(365, -1, -1)]
    for platform in Platform:
        days = [day.date for day in demo.creator.days if day.platform is platform]
        assert days == expected


def test_there_are_400_posts_and_none_is_in_the_future_or_before_the_first_day(demo: Demo) -> None:
    posts = demo.creator.posts
    assert len(posts) == 400
    assert {post.platform for post in posts} == set(Platform)
    assert len({(post.platform, post.platform_post_id) for post in posts}) == 400
    assert all(post.posted_at.utcoffset() == dt.timedelta(0) for post in posts)
    days = [local(post).date() for post in posts]
    assert min(days) >= day_before(demo.today, 365)
    assert max(days) < demo.today
    assert days == sorted(days)


def test_posts_go_out_when_people_are_awake_and_tracks_at_midnight(demo: Demo) -> None:
    for post in demo.creator.posts:
        if post.post_type == "track":
            assert (local(post).weekday(), local(post).hour) == (4, 0)
        else:
            assert 8 <= local(post).hour <= 21


def test_no_two_captions_are_alike_and_none_is_empty(demo: Demo) -> None:
    captions = [post.caption for post in demo.creator.posts]
    assert len(set(captions)) == len(captions)
    for post in demo.creator.posts:
        assert post.caption == post.caption.strip()
        assert 0 < len(post.caption) <= 200
        assert ("#" in post.caption) == (post.post_type != "track")


def test_the_same_day_gives_the_same_creator_in_another_process() -> None:
    program = (
        "import datetime, hashlib; from domain.demo import build_demo; "
        "demo = build_demo(datetime.date(2026, 11, 20)); "
        "print(hashlib.sha256(repr(demo).encode()).hexdigest())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = hashlib.sha256(repr(build_demo(dt.date(2026, 11, 20))).encode()).hexdigest()
    assert result.stdout.strip() == here


# --- what a creator would believe ---


def test_every_number_is_a_whole_one_and_none_is_negative(demo: Demo) -> None:
    values = [value for day in demo.creator.days for value in day.values.values()]
    values += [
        count
        for post in demo.creator.posts
        for count in (post.likes, post.comments, post.shares, post.saves)
    ]
    values += [
        count for post in demo.creator.posts for count in (post.views, post.plays, post.reach)
    ]
    known = [value for value in values if value is not None]
    assert all(type(value) is int for value in known)
    assert min(known) >= 0


def test_followers_never_jump_outside_the_stories(demo: Demo) -> None:
    for platform in Platform:
        followers = demo.series(platform, Metric.FOLLOWERS)
        changes = demo.changes(platform)
        if platform is Platform.INSTAGRAM:
            highest = sorted(changes, key=lambda date: changes[date])[-6:]
            changes = {date: step for date, step in changes.items() if date not in highest}
        assert max(abs(step) for step in changes.values()) < 0.008 * max(followers.values())


def test_daily_engagement_rates_lie_between_1_and_8_percent(demo: Demo) -> None:
    bases = {
        Platform.INSTAGRAM: Metric.REACH,
        Platform.FACEBOOK: Metric.REACH,
        Platform.YOUTUBE: Metric.VIEWS,
    }
    for platform, base in bases.items():
        audience = demo.series(platform, base)
        for date, value in demo.series(platform, Metric.ENGAGEMENT).items():
            assert 0.01 <= value / audience[date] <= 0.08, (platform, date)


def test_post_engagement_rates_lie_between_1_and_8_percent(demo: Demo) -> None:
    for post in demo.creator.posts:
        if post.post_type != "track":
            assert 0.01 <= engagement(post) / (post.reach or views(post)) <= 0.08


def test_reach_is_below_views_and_listeners_are_fewer_than_streams(demo: Demo) -> None:
    pairs = [
        (Platform.INSTAGRAM, Metric.REACH, Metric.VIEWS),
        (Platform.FACEBOOK, Metric.REACH, Metric.VIEWS),
        (Platform.SPOTIFY, Metric.LISTENERS, Metric.STREAMS),
    ]
    for platform, people, contacts in pairs:
        contact = demo.series(platform, contacts)
        assert all(value < contact[date] for date, value in demo.series(platform, people).items())


def test_content_counts_are_the_posts_of_the_local_day(demo: Demo) -> None:
    posts = Counter((post.platform, local(post).date()) for post in demo.creator.posts)
    for platform in Platform:
        for date, count in demo.series(platform, Metric.POSTS).items():
            assert count == posts[platform, date]


def test_a_post_earned_no_more_than_its_account_in_the_days_after(demo: Demo) -> None:
    for platform in (Platform.INSTAGRAM, Platform.FACEBOOK):
        daily = demo.series(platform, Metric.ENGAGEMENT)
        for post in demo.posts(platform):
            days = [local(post).date() + dt.timedelta(days=number) for number in range(20)]
            assert engagement(post) <= total(daily, [day for day in days if day in daily])
        assert sum(map(engagement, demo.posts(platform))) < sum(daily.values())


def test_instagram_engagement_is_the_sum_of_its_interactions(demo: Demo) -> None:
    parts = [
        demo.series(Platform.INSTAGRAM, metric)
        for metric in (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES)
    ]
    for date, value in demo.series(Platform.INSTAGRAM, Metric.ENGAGEMENT).items():
        assert value == sum(part[date] for part in parts)


def test_posts_raise_engagement_on_their_day(demo: Demo) -> None:
    posts = demo.series(Platform.INSTAGRAM, Metric.POSTS)
    daily = demo.series(Platform.INSTAGRAM, Metric.ENGAGEMENT)
    with_post = [value for date, value in daily.items() if posts[date]]
    without = [value for date, value in daily.items() if not posts[date]]
    assert median(with_post) > 1.5 * median(without)


def test_platforms_report_only_what_they_really_count(demo: Demo) -> None:
    reported: dict[Platform, set[Metric]] = {platform: set() for platform in Platform}
    for day in demo.creator.days:
        reported[day.platform].update(day.values)
    always = {Metric.FOLLOWERS, Metric.POSTS}
    content = always | {Metric.VIEWS, Metric.ENGAGEMENT}
    reactions = {Metric.LIKES, Metric.COMMENTS}
    assert reported == {
        Platform.INSTAGRAM: content | reactions | {Metric.REACH, Metric.SHARES, Metric.SAVES},
        Platform.FACEBOOK: content | {Metric.REACH},
        Platform.YOUTUBE: content | reactions | {Metric.WATCH_TIME_MINUTES},
        Platform.SPOTIFY: always | {Metric.STREAMS, Metric.LISTENERS},
    }


# --- today, and what lags ---


def test_today_is_preliminary_and_lower_than_a_usual_day(demo: Demo) -> None:
    for platform in (Platform.INSTAGRAM, Platform.FACEBOOK):
        series = demo.series(platform, Metric.VIEWS)
        last_month = [series[day_before(demo.today, age)] for age in range(1, 29)]
        assert 0 < series[demo.today] < 0.6 * median(last_month)
    statuses = {
        (day.platform, (demo.today - day.date).days): day.status
        for day in demo.creator.days
        if day.status is not DayStatus.FINAL
    }
    assert statuses == {
        (Platform.INSTAGRAM, 0): DayStatus.PRELIMINARY,
        (Platform.FACEBOOK, 0): DayStatus.PRELIMINARY,
        (Platform.YOUTUBE, 0): DayStatus.PRELIMINARY,
        (Platform.YOUTUBE, 1): DayStatus.PRELIMINARY,
        (Platform.SPOTIFY, 0): DayStatus.UNAVAILABLE,
    }


def test_what_lags_is_null_and_nothing_else_is(demo: Demo) -> None:
    unknown = {
        (day.platform, (demo.today - day.date).days, metric)
        for day in demo.creator.days
        for metric, value in day.values.items()
        if value is None
    }
    youtube = [
        Metric.VIEWS,
        Metric.WATCH_TIME_MINUTES,
        Metric.ENGAGEMENT,
        Metric.LIKES,
        Metric.COMMENTS,
    ]
    spotify = [Metric.FOLLOWERS, Metric.POSTS, Metric.STREAMS, Metric.LISTENERS]
    assert unknown == {
        *((Platform.YOUTUBE, age, metric) for age in (0, 1) for metric in youtube),
        *((Platform.SPOTIFY, 0, metric) for metric in spotify),
    }


# --- the stories ---


def test_story_1_one_reel_went_viral_five_weeks_ago_and_brought_followers(demo: Demo) -> None:
    reels = sorted(demo.posts(Platform.INSTAGRAM, "reel"), key=views)
    viral, usual = reels[-1], median(map(views, reels))
    assert 18 * usual < views(viral) < 23 * usual
    assert views(reels[-2]) < 6 * usual
    day = local(viral).date()
    assert 31 <= (demo.today - day).days <= 39

    changes = demo.changes(Platform.INSTAGRAM)
    days = [day + dt.timedelta(days=number) for number in range(6)]
    assert total(changes, days) - 6 * median(changes.values()) > 450
    assert max(changes, key=lambda date: changes[date]) in days


def test_story_2_a_week_without_posts_four_months_ago_let_engagement_fall(demo: Demo) -> None:
    posted = {local(post).date() for post in demo.creator.posts}
    year = [day_before(demo.today, age) for age in range(365, 0, -1)]
    silences = sorted(
        (list(days) for has_post, days in groupby(year, key=posted.__contains__) if not has_post),
        key=len,
    )
    assert len(silences[-1]) >= 7
    assert len(silences[-2]) <= 4
    monday = next(day for day in silences[-1] if day.weekday() == 0)
    dead_week = week_from(monday)
    assert set(dead_week) <= set(silences[-1])
    assert 112 <= (demo.today - monday).days <= 130

    daily = Counter[dt.date]()
    for platform in (Platform.INSTAGRAM, Platform.FACEBOOK, Platform.YOUTUBE):
        daily.update(demo.series(platform, Metric.ENGAGEMENT))
    assert daily[dead_week[-1]] < 0.6 * daily[dead_week[0]]
    mondays = [day for day in year[:-6] if day.weekday() == 0]
    weeks = {day: total(daily, week_from(day)) for day in mondays}
    lowest = weeks.pop(monday)
    assert lowest < 0.9 * min(weeks.values())
    assert lowest < 0.6 * median(weeks.values())


def test_story_3_facebook_loses_followers_for_half_a_year(demo: Demo) -> None:
    followers = demo.series(Platform.FACEBOOK, Metric.FOLLOWERS)
    months = [followers[day_before(demo.today, age)] for age in range(180, -1, -30)]
    assert all(after < 0.99 * before for before, after in pairwise(months))
    assert followers[day_before(demo.today, 185)] > followers[day_before(demo.today, 365)]
    for platform in set(Platform) - {Platform.FACEBOOK}:
        assert demo.growth(platform, day_before(demo.today, 180), demo.today) > 0


def test_story_4_thursday_at_18_is_the_best_hour_on_instagram(demo: Demo) -> None:
    slots: dict[tuple[int, int], list[int]] = {}
    for post in demo.posts(Platform.INSTAGRAM, "reel", "photo", "carousel"):
        slots.setdefault((local(post).weekday(), local(post).hour), []).append(engagement(post))
    best = slots.pop((3, 18))
    assert len(best) >= 12
    others = [slot for slot in slots.values() if len(slot) >= 3]
    assert median(best) > 1.2 * max(median(slot) for slot in others)
    assert median(best) > 1.8 * median([value for slot in others for value in slot])
    assert mean(best) > 1.3 * max(mean(slot) for slot in others)


def test_story_5_one_goal_is_nearly_reached_and_on_pace(demo: Demo) -> None:
    goal = demo.goal(Platform.INSTAGRAM)
    followers = demo.series(Platform.INSTAGRAM, goal.metric)
    now = followers[demo.today]
    assert goal.target_value == 25_000
    assert 0.955 < now / goal.target_value < 0.975
    assert goal.start_value == followers[goal.start_date]
    pace = (now - followers[day_before(demo.today, 28)]) / 28
    days_left = (goal.due_date - demo.today).days
    assert 38 <= days_left <= 46
    assert now + pace * days_left >= goal.target_value


def test_story_5_the_other_goal_is_far_behind(demo: Demo) -> None:
    goal = demo.goal(Platform.YOUTUBE)
    now = demo.series(Platform.YOUTUBE, goal.metric)[demo.today]
    progress = (now - goal.start_value) / (goal.target_value - goal.start_value)
    elapsed = (demo.today - goal.start_date) / (goal.due_date - goal.start_date)
    assert progress < elapsed - 0.4


def test_story_6_youtube_grows_fastest_in_the_last_month_and_the_last_year(demo: Demo) -> None:
    last_month_end = demo.today.replace(day=1) - dt.timedelta(days=1)
    last_month_start = last_month_end.replace(day=1) - dt.timedelta(days=1)
    spans = [
        (last_month_start, last_month_end),
        (day_before(demo.today, 30), demo.today),
        (day_before(demo.today, 365), demo.today),
    ]
    for start, end in spans:
        growth = {platform: demo.growth(platform, start, end) for platform in Platform}
        youtube = growth.pop(Platform.YOUTUBE)
        assert youtube > 1.2 * max(growth.values())


def test_story_6_reels_beat_photos_in_engagement(demo: Demo) -> None:
    reels = [engagement(post) for post in demo.posts(Platform.INSTAGRAM, "reel")]
    photos = [engagement(post) for post in demo.posts(Platform.INSTAGRAM, "photo")]
    assert median(reels) > 1.6 * median(photos)


# --- who follows her ---


def test_any_four_weeks_of_her_year_have_an_audience_of_each_account_that_tells(
    demo: Demo,
) -> None:
    told: dict[tuple[Platform, AudienceDimension], list[dt.date]] = {}
    for each in demo.creator.audiences:
        told.setdefault((each.platform, each.dimension), []).append(each.date)
    all_four = set(AudienceDimension)
    assert {name: {kind for one, kind in told if one is name} for name in Platform} == {
        Platform.INSTAGRAM: all_four,
        Platform.YOUTUBE: all_four - {AudienceDimension.CITY},
        Platform.SPOTIFY: all_four,
        Platform.FACEBOOK: set(),
    }
    for days in told.values():
        assert days == sorted(set(days))
        assert {(after - before).days for before, after in pairwise(days)} == {28}
        assert day_before(demo.today, 365) <= days[0] < day_before(demo.today, 330)
        assert day_before(demo.today, 28) < days[-1] < day_before(demo.today)


def test_shares_are_of_at_most_100_percent_and_drift_slowly(demo: Demo) -> None:
    before: dict[tuple[Platform, AudienceDimension], dict[str, float]] = {}
    for each in demo.creator.audiences:
        assert min(each.shares.values()) > 0
        assert sum(each.shares.values()) <= 100
        earlier = before.get((each.platform, each.dimension), each.shares)
        assert earlier.keys() == each.shares.keys()
        assert all(abs(earlier[name] - share) < 2 for name, share in each.shares.items())
        before[each.platform, each.dimension] = each.shares


def test_story_7_her_audience_grew_wider(demo: Demo) -> None:
    first: dict[Platform, dict[str, float]] = {}
    last: dict[Platform, dict[str, float]] = {}
    for each in demo.creator.audiences:
        if each.dimension is AudienceDimension.COUNTRY:
            first.setdefault(each.platform, each.shares)
            last[each.platform] = each.shares
    for platform, shares in last.items():
        assert max(shares, key=lambda name: shares[name]) == "DE"
        assert first[platform]["DE"] - shares["DE"] > 3
        assert shares["US"] > first[platform]["US"]
        assert shares["GB"] > first[platform]["GB"]
