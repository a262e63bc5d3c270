"""Twenty creators of all kinds, made of the demo creator's year, and what they ask plans for."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.analytics.posts import Post
from domain.demo import DemoCreator, build_demo
from domain.plans.inputs import ContentCalendarInput
from domain.progress import Progress
from storage.models import Goal, Metric, Platform
from storage.posts import PostRow
from tools.plan_evidence import Facts

TODAY = dt.date(2026, 11, 21)
CREATORS = 20
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe")
NICHES = (
    "quiet indie folk, recorded in a kitchen",
    "vegan cooking for busy families",
    "street photography and old cameras",
    "strength training for beginners",
    "slow travel by train",
    "pottery, glazes and 1 tiny kiln",
    "personal finance without jargon",
    "",
)
TAGS: tuple[dict[str, str], ...] = (
    {},
    {"#songwriter": "#mealprep", "#indiefolk": "#vegan", "#studiolife": "#30minutemeals"},
    {"#acoustic": "#streetphotography", "#homestudio": "#filmisnotdead", "#diymusic": "#analog"},
    {"#songwriter": "#strengthtraining", "#newmusic": "#5x5", "#slowdays": "#restday"},
)
GOALS = (
    "Reach 25,000 followers on Instagram by spring",
    "More comments, fewer posts",
    "Sell 200 tickets for the show",
    "Grow on YouTube",
    "Get to know my audience",
)


@cache
def demo() -> DemoCreator:
    return build_demo(TODAY)


@cache
def facts(number: int) -> Facts:
    """Return a creator: some have all of the demo's posts, some a few, and two have none."""
    random = Random(number)
    zone = ZONES[number % len(ZONES)]
    share = (1.0, 0.5, 0.1, 0.02)[number % 4] if number % 9 != 8 else 0.0
    niche = NICHES[number % len(NICHES)]
    posts = [post for post in _posts(number, zone) if random.random() < share]
    return Facts(
        today=TODAY,
        timezone=zone,
        locale=("en", "de", "fr", "en-IN")[number % 4],
        brand={"niche": niche} if niche else {},
        posts=posts,
        goals=[_goal(number)] if number % 3 else [],
    )


def inputs(number: int, count: int) -> Iterator[ContentCalendarInput]:
    """Yield what a creator asks for: periods, platforms and loads of all sizes."""
    random = Random(1000 + number)
    for _ in range(count):
        start = TODAY + dt.timedelta(days=random.randrange(0, 150))
        days = random.choice((1, 2, 6, 13, 27, 30, 45, 91))
        platforms = random.sample(list(Platform), random.randint(1, 4))
        yield ContentCalendarInput(
            goal=random.choice(GOALS),
            start=start,
            end=start + dt.timedelta(days=days),
            platforms=tuple(platforms),
            posts_per_week=random.choice((1, 2, 3, 4, 5, 7, 10, 21)),
        )


def _posts(number: int, zone: str) -> Iterator[Post]:
    tags = TAGS[number % len(TAGS)]
    for place, post in enumerate(demo().posts):
        caption = post.caption
        for old, new in tags.items():
            caption = caption.replace(old, new)
        counts = {
            name: getattr(post, name)
            for name in ("likes", "comments", "shares", "saves", "views", "reach")
        }
        row = PostRow(
            id=UUID(int=place),
            platform=post.platform,
            account=demo().accounts[post.platform],
            platform_post_id=post.platform_post_id,
            post_type=post.post_type,
            caption=caption or None,
            permalink=None,
            posted_at=post.posted_at,
            **counts,
        )
        yield Post(row, ZoneInfo(zone))


def _goal(number: int) -> Progress:
    goal = Goal(
        id=UUID(int=number),
        title="25,000 followers on Instagram",
        metric=Metric.FOLLOWERS,
        platform=Platform.INSTAGRAM,
        start_value=20_000,
        target_value=25_000,
        start_date=TODAY - dt.timedelta(days=90),
        due_date=TODAY + dt.timedelta(days=60),
        status="active",
    )
    return Progress(
        goal=goal,
        day=TODAY - dt.timedelta(days=1),
        current=23_500 + 10 * number,
        observations=90,
        pace=12.5 + number,
        pace_days=28,
        pace_end=TODAY - dt.timedelta(days=1),
    )
