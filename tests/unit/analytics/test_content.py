"""What posts say: golden cases, stories that must be found, and noise that must not be."""

import datetime as dt
import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.best_times import find_best, list_slots
from domain.analytics.content import (
    compare_forms,
    engagement_rates,
    rank_posts,
    rate_of,
    share_of_top,
)
from domain.analytics.posts import Post, relative_engagement, settled
from domain.analytics.significance import standouts
from domain.analytics.topics import find_topics, list_topics
from tests.creators import BEST_HOUR, BEST_WEEKDAY, a_year_of_posts, post

SEEDS = range(100)
ENOUGH = 95

COUNTS = st.none() | st.integers(0, 10**6)
POSTS = st.lists(
    st.builds(
        lambda number, likes, views, form, platform: post(
            number, likes=likes, views=views, post_type=form, platform=platform
        ),
        st.integers(0, 300),
        COUNTS,
        COUNTS,
        st.sampled_from(["reel", "photo", None]),
        st.sampled_from(["instagram", "youtube"]),
    ),
    max_size=40,
    unique_by=lambda found: found.row.id,
)


# --- golden cases ---


def test_engagement_sums_what_a_platform_tells() -> None:
    assert post(likes=10, comments=2, shares=3, saves=5).engagement == 20
    assert post(likes=10).engagement == 10
    assert post().engagement is None
    assert post(likes=0).engagement == 0


def test_a_rate_is_a_ratio_of_sums_over_the_posts_where_both_are_known() -> None:
    posts = [
        post(1, likes=10, views=100),
        post(2, likes=30, views=900),
        post(3, likes=5),
        post(4, views=50),
    ]
    rate = rate_of(posts, "instagram")
    assert rate.percent == pytest.approx(4.0)
    assert (rate.posts, rate.left_out) == (2, 2)
    assert rate_of([post(views=0, likes=0)], None).percent is None


def test_the_best_and_the_worst_leave_out_what_is_unknown() -> None:
    posts = [post(n, likes=likes) for n, likes in enumerate([5, None, 9, 0])]
    assert [found.row.likes for found in rank_posts(posts, "engagement", "best")] == [9, 5, 0]
    assert [found.row.likes for found in rank_posts(posts, "likes", "worst")] == [0, 5, 9]
    assert rank_posts(posts, "views", "best") == []


def test_of_equal_posts_the_newest_comes_first() -> None:
    posts = [post(n, likes=7) for n in range(3)]
    for order in ("best", "worst"):
        assert [found.row.id.int for found in rank_posts(posts, "likes", order)] == [2, 1, 0]


def test_the_share_of_the_best_tenth() -> None:
    posts = [post(n, likes=likes) for n, likes in enumerate([50] + [10] * 5 + [0] * 5)]
    assert share_of_top(posts) == (60.0, 2)
    assert share_of_top([post(likes=0)]) is None
    assert share_of_top([]) is None


def test_relative_engagement_compares_within_platform_and_form() -> None:
    posts = [post(n, likes=likes, post_type=form) for n, (likes, form) in enumerate(
        [(9, "reel"), (99, "reel"), (199, "reel"), (1, "photo"), (3, "photo")]
    )]  # fmt: skip
    found = [round(value, 3) for value in relative_engagement(posts).values()]
    assert found == [0.1, 1.0, 2.0, 0.667, 1.333]


def test_posts_of_the_last_two_days_are_not_settled() -> None:
    posts = [post(n) for n in range(5)]
    today = posts[-1].date
    assert [found.row.id.int for found in settled(posts, today)] == [0, 1, 2]


def test_a_slot_is_an_hour_of_the_creators_clock_and_needs_three_posts() -> None:
    moment = dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)  # a Thursday, 18:00 in Berlin
    summer = dt.datetime(2026, 7, 2, 16, tzinfo=dt.UTC)  # 18:00 in summer
    posts = [post(n, likes=10, posted_at=when) for n, when in enumerate([moment, moment, summer])]
    posts.append(post(9, likes=10, posted_at=moment + dt.timedelta(hours=1)))
    six, seven = list_slots(posts)
    assert (six.weekday, six.hour, six.posts, six.relative) == (3, 18, 3, 1.0)
    assert (seven.hour, seven.posts, seven.relative) == (19, 1, None)


def test_topics_are_hashtags_and_telling_words() -> None:
    caption = "New song! #KitchenSongs with @friend https://x.example/a The song’s über-fun 2026"
    assert list(find_topics(caption)) == [
        "song", "#kitchensongs", "song's", "über", "song's über", "fun",
    ]  # fmt: skip


def test_a_topic_counts_a_post_once() -> None:
    posts = [post(n, likes=10, caption="rain rain #rain") for n in range(3)]
    assert [(topic.name, topic.posts) for topic in list_topics(posts)] == [("#rain", 3)]


def test_one_group_of_twenty_that_is_far_above_stands_out() -> None:
    values = [0.0, 1.0] * 50
    values[:10] = [5.0] * 10
    groups = {number: list(range(10 * number, 10 * number + 10)) for number in range(10)}
    assert list(standouts(values, groups)) == [0]
    assert standouts([1.0] * 100, groups) == {}
    assert standouts([], {}) == {}


# --- stories and noise ---


def test_noise_has_no_best_time_form_or_topic() -> None:
    claims = 0
    for seed in SEEDS:
        posts = a_year_of_posts(seed)
        clear_form = any(form.stands_out for form in compare_forms(posts))
        clear_topic = any(topic.stands_out for topic in list_topics(posts))
        claims += bool(find_best(list_slots(posts)) or clear_form or clear_topic)
    assert claims <= 100 - ENOUGH


def test_a_best_hour_is_found() -> None:
    found = 0
    for seed in SEEDS:
        best = find_best(list_slots(a_year_of_posts(seed, best_hour=True)))
        found += best is not None and (best.weekday, best.hour) == (BEST_WEEKDAY, BEST_HOUR)
    assert found >= ENOUGH


def test_a_winning_form_is_found() -> None:
    found = 0
    for seed in SEEDS:
        forms = compare_forms(a_year_of_posts(seed, best_form="reel"))
        clear = [form.post_type for form in forms if form.stands_out]
        found += clear == ["reel"]
    assert found >= ENOUGH


def test_a_winning_form_does_not_pass_for_a_good_hour() -> None:
    fooled = 0
    for seed in SEEDS:
        posts = a_year_of_posts(seed, best_form="reel")
        evening = [
            found for found in posts if (found.posted_at.hour == 21) == (found.form[1] == "reel")
        ]
        fooled += find_best(list_slots(evening)) is not None
    assert fooled <= 100 - ENOUGH


# --- properties ---


@given(POSTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(posts: list[Post], random: Random) -> None:
    mixed = list(posts)
    random.shuffle(mixed)
    assert rank_posts(mixed, "engagement", "best") == rank_posts(posts, "engagement", "best")
    assert engagement_rates(mixed) == engagement_rates(posts)
    assert compare_forms(mixed) == compare_forms(posts)
    assert list_slots(mixed) == list_slots(posts)


@given(POSTS)
def test_the_parts_of_a_rate_add_up(posts: list[Post]) -> None:
    rates = engagement_rates(posts)
    total = rates[0] if len(rates) > 1 else None
    if total:
        assert total.engagement == sum(rate.engagement for rate in rates[1:])
        assert total.base == sum(rate.base for rate in rates[1:])
        assert total.posts + total.left_out == len(posts)


@given(POSTS, st.integers(1, 52))
def test_whole_weeks_later_the_slots_are_the_same(posts: list[Post], weeks: int) -> None:
    later = [
        Post(
            post(
                found.row.id.int,
                likes=found.row.likes,
                post_type=found.row.post_type,
                platform=found.row.platform,
                posted_at=(found.posted_at + dt.timedelta(weeks=weeks)).astimezone(dt.UTC),
            ).row,
            found.zone,
        )
        for found in posts
    ]
    assert list_slots(later) == list_slots(posts)


@given(POSTS)
def test_a_form_is_made_of_its_posts(posts: list[Post]) -> None:
    forms = compare_forms(posts)
    assert sum(form.posts for form in forms) == len(posts)
    for form in forms:
        own = [found for found in posts if found.form == (form.platform, form.post_type)]
        known = [found.engagement for found in own if found.engagement is not None]
        if known:
            assert form.mean_engagement == pytest.approx(math.fsum(known) / len(known))
