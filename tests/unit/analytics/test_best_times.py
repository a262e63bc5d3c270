"""Best times and forms: what could pass for one, and must not."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.best_times import build_grid, find_best, list_slots
from domain.analytics.content import compare_forms
from domain.analytics.posts import NEIGHBOURS, Post, relative_engagement
from domain.analytics.significance import exceeds
from domain.demo import build_demo
from storage.posts import PostRow
from tests.creators import BERLIN, LAST_DAY, a_year_of_posts, post

SEEDS = range(100)
# A claim on noise may be made for at most five creators in a hundred.
FEW = 5
FORMS = ("reel", "photo", "carousel")

Level = Callable[[Post], float]


def a_creator(
    seed: int, level: Level, *, accounts: tuple[str, ...] = ("ida",), posts: int = 240
) -> list[Post]:
    """Return posts whose engagement is noise around the level that `level` gives each of them."""
    random = Random(seed)
    found = []
    for number in range(posts):
        day = LAST_DAY - dt.timedelta(days=random.randrange(330))
        moment = dt.datetime.combine(day, dt.time(random.choice((8, 12, 15, 18, 21)), 5), BERLIN)
        one = post(
            number,
            account=random.choice(accounts),
            post_type=random.choice(FORMS),
            posted_at=moment.astimezone(dt.UTC),
        )
        likes = round(200 * level(one) * random.lognormvariate(0, 0.6))
        found.append(Post(replace(one.row, likes=likes), BERLIN))
    return found


def claimed_forms(posts: list[Post]) -> list[str]:
    return [form.post_type for form in compare_forms(posts) if form.stands_out]


# --- what must not pass for a winner ---


def test_of_two_equally_good_forms_none_is_the_best() -> None:
    claims = sum(
        bool(claimed_forms(a_creator(seed, lambda one: 0.4 if one.form[1] == "photo" else 1)))
        for seed in SEEDS[:40]
    )
    assert claims <= FEW * 40 / 100


def test_a_larger_account_does_not_make_its_forms_better() -> None:
    for seed in SEEDS:
        posts = a_creator(seed, larger_account, accounts=("large", "small"))
        own = [one for one in posts if (one.row.account == "large") == (one.form[1] == "reel")]
        assert claimed_forms(own) == []


def test_a_larger_account_does_not_make_its_hours_better() -> None:
    claims = 0
    for seed in SEEDS:
        posts = a_creator(seed, larger_account, accounts=("large", "small"), posts=480)
        own = [one for one in posts if (one.row.account == "large") == (one.posted_at.hour == 18)]
        claims += find_best(list_slots(own)) is not None
    assert claims <= FEW


def test_a_grown_audience_does_not_make_the_latest_hours_better() -> None:
    claims = 0
    for seed in SEEDS:
        posts = a_creator(seed, lambda one: 4 - 3 * age(one) / 330, posts=480)
        own = [one for one in posts if (age(one) < 80) == (one.posted_at.hour == 18)]
        claims += find_best(list_slots(own)) is not None
    assert claims <= FEW


def larger_account(one: Post) -> float:
    return 5 if one.row.account == "large" else 1


def age(one: Post) -> int:
    return (LAST_DAY - one.date).days


# --- golden cases ---


def test_a_post_is_measured_against_the_posts_around_it() -> None:
    posts = [post(n, likes=9 if n < 40 else 99) for n in range(80)]
    relative = list(relative_engagement(posts).values())
    assert relative[0] == relative[79] == relative[20] == 1.0
    assert relative[40 - NEIGHBOURS // 2 - 1] == 1.0
    assert relative[40] == 1.0  # with the 15 before it, the 16 from it on are the majority
    assert relative[39] == 1.0


def test_accounts_are_measured_apart() -> None:
    posts = [post(n, likes=9 if n % 2 else 99, account="ab"[n % 2]) for n in range(8)]
    assert set(relative_engagement(posts).values()) == {1.0}


def test_the_grid_is_a_whole_week() -> None:
    monday = dt.datetime(2026, 3, 2, 8, 59, tzinfo=BERLIN)
    posts = [post(n, likes=9, posted_at=monday + dt.timedelta(weeks=n)) for n in range(4)]
    grid = build_grid(list_slots(posts))
    assert [(slot.weekday, slot.hour) for slot in grid] == [(n // 24, n % 24) for n in range(168)]
    assert (grid[8].posts, grid[8].relative) == (4, 1.0)
    assert sum(slot.posts for slot in grid) == 4
    assert len(build_grid([])) == 168


def test_an_hour_that_a_clock_change_repeats_is_one_hour() -> None:
    first = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 02:30, and again an hour later
    posts = [post(n, likes=9, posted_at=first + dt.timedelta(hours=n)) for n in (0, 1)]
    posts.append(post(2, likes=9, posted_at=first + dt.timedelta(weeks=-1)))
    (slot,) = list_slots(posts)
    assert (slot.weekday, slot.hour, slot.posts) == (6, 2, 3)


def test_the_rank_sum_test_agrees_with_counting_every_deal() -> None:
    values, others = [5.0, 7.0, 8.0, 9.0, 9.5, 11.0], [1.0, 2.0, 3.0, 4.0, 6.0, 7.5]
    everyone = sorted([*values, *others])
    own = sum(everyone.index(each) for each in values)
    sums = Counter(sum(deal) for deal in combinations(range(12), 6))
    exact = sum(count for total, count in sums.items() if total >= own) / math.comb(12, 6)
    assert exact == pytest.approx(8 / 924, abs=2 / 924)
    assert exceeds(values, others, alpha=exact * 1.5)
    assert not exceeds(values, others, alpha=exact / 1.5)
    assert not exceeds(others, values)
    assert not exceeds([1.0] * 9, [1.0] * 9)


# --- the demo creator ---


@pytest.mark.parametrize("platform", [None, "instagram"])
def test_the_demo_creators_best_hour_and_forms_are_found(platform: str | None) -> None:
    posts = [
        Post(
            PostRow(
                id=UUID(int=number),
                account="ida",
                permalink=None,
                **{
                    name: value
                    for name, value in vars(one).items()
                    if name in PostRow.__dataclass_fields__
                },
            ),
            BERLIN,
        )
        for number, one in enumerate(build_demo(LAST_DAY).posts)
        if platform in (None, one.platform)
    ]
    best = find_best(list_slots(posts))
    assert best is not None
    assert (best.weekday, best.hour) == (3, 18)
    assert best.relative == pytest.approx(2, abs=0.3)
    assert "reel" in claimed_forms(posts)


# --- properties ---


@given(st.integers(-30, 30), st.integers(0, 20))
def test_another_clock_moves_every_slot_alike(hours: int, seed: int) -> None:
    posts = [Post(one.row, ZoneInfo("UTC")) for one in a_year_of_posts(seed)[:60]]
    step = dt.timedelta(hours=hours)
    moved = [Post(replace(one.row, posted_at=one.row.posted_at + step), one.zone) for one in posts]

    def later(weekday: int, hour: int) -> tuple[int, int]:
        return divmod((24 * weekday + hour + hours) % 168, 24)

    before = {
        later(slot.weekday, slot.hour): (slot.posts, slot.relative)
        for slot in list_slots(posts)
        if slot.weekday is not None and slot.hour is not None
    }
    after = {
        (slot.weekday, slot.hour): (slot.posts, slot.relative)
        for slot in list_slots(moved)
        if slot.weekday is not None and slot.hour is not None
    }
    assert after == before


@given(st.integers(0, 20))
def test_every_post_with_known_engagement_is_in_one_slot(seed: int) -> None:
    posts = a_year_of_posts(seed)[:80]
    posts[3] = Post(replace(posts[3].row, likes=None), BERLIN)
    assert sum(slot.posts for slot in build_grid(list_slots(posts))) == 79


def test_a_post_without_a_time_of_day_counts_for_its_weekday_only() -> None:
    midnight = dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC)  # Monday, 00:00 in Berlin
    posts = [
        post(number, likes=10, posted_at=midnight + dt.timedelta(weeks=number))
        for number in range(4)
    ]
    assert [slot for slot in list_slots(posts) if slot.hour is not None] == []
