"""How metrics are counted in words: "1 post", "12 posts", "you published"."""

from agents.offline.answers.wording import number
from storage.models import Metric, Platform

_NOUNS = {
    Metric.FOLLOWERS: ("follower", "followers"),
    Metric.ENGAGEMENT: ("engagement", "engagements"),
    Metric.POSTS: ("post", "posts"),
    Metric.REACH: ("person", "people"),
    Metric.VIEWS: ("view", "views"),
    Metric.WATCH_TIME_MINUTES: ("minute", "minutes"),
    Metric.LIKES: ("like", "likes"),
    Metric.COMMENTS: ("comment", "comments"),
    Metric.SHARES: ("share", "shares"),
    Metric.SAVES: ("save", "saves"),
    Metric.STREAMS: ("stream", "streams"),
    Metric.LISTENERS: ("listener", "listeners"),
}
_VERBS = {
    Metric.POSTS: "You published",
    Metric.REACH: "You reached",
    Metric.WATCH_TIME_MINUTES: "People watched",
    Metric.LISTENERS: "You had",
}
_LABELS = {Metric.REACH: "reach", Metric.WATCH_TIME_MINUTES: "watch time"}
_HEADS = {Metric.WATCH_TIME_MINUTES: "Watch time (minutes)"}


def noun(metric: Metric, value: float | None = None, platform: str | None = None) -> str:
    """Return what is counted, in the singular for one; YouTube calls followers subscribers."""
    singular, plural = _NOUNS[metric]
    if metric is Metric.FOLLOWERS and platform == Platform.YOUTUBE:
        singular, plural = "subscriber", "subscribers"
    return singular if value in {1, -1} else plural


def amount(metric: Metric, value: float, platform: str | None = None) -> str:
    """Return "12,345 views"."""
    return f"{number(value)} {noun(metric, value, platform)}"


def verb(metric: Metric) -> str:
    """Return who did what: "You got" views, "People watched" minutes."""
    return _VERBS.get(metric, "You got")


def label(metric: Metric, platform: str | None = None) -> str:
    """Return the metric's own name: "views", "reach", "watch time"."""
    return _LABELS.get(metric, noun(metric, platform=platform))


def head(metric: Metric) -> str:
    """Return the head of a table's column."""
    return _HEADS.get(metric, label(metric).capitalize())


def is_or_are(metric: Metric) -> str:
    """Return the verb that goes with the metric's name: "reach is", "views are"."""
    return "is" if label(metric) != noun(metric) else "are"
