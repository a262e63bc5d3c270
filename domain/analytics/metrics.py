"""What each metric means: how it adds up over days, and in which unit it counts."""

from dataclasses import dataclass

from domain.figures import Unit
from storage.models import Metric


@dataclass(frozen=True, kw_only=True)
class MetricMeaning:
    """How a metric behaves.

    A stock is a level at the end of a day (followers) and never summed over days; the others
    are counts of one day. Unique counts (reach, listeners) count a person once a day, so their
    sum over days counts people again.
    """

    label: str
    is_stock: bool = False
    is_unique: bool = False
    unit: Unit = "count"


MEANINGS: dict[Metric, MetricMeaning] = {
    Metric.FOLLOWERS: MetricMeaning(label="followers", is_stock=True),
    Metric.ENGAGEMENT: MetricMeaning(label="engagements"),
    Metric.POSTS: MetricMeaning(label="posts published"),
    Metric.REACH: MetricMeaning(label="reach", is_unique=True),
    Metric.VIEWS: MetricMeaning(label="views"),
    Metric.WATCH_TIME_MINUTES: MetricMeaning(label="watch time", unit="minutes"),
    Metric.LIKES: MetricMeaning(label="likes"),
    Metric.COMMENTS: MetricMeaning(label="comments"),
    Metric.SHARES: MetricMeaning(label="shares"),
    Metric.SAVES: MetricMeaning(label="saves"),
    Metric.STREAMS: MetricMeaning(label="streams"),
    Metric.LISTENERS: MetricMeaning(label="listeners", is_unique=True),
}
