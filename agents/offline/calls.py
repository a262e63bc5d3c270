"""Which tools a question needs, with which arguments."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from agents.offline.dates.spans import Span
from agents.offline.questions.cues import HAS_MOST
from agents.offline.questions.question import Question
from agents.offline.questions.topics import Topic
from storage.models import Metric, Platform

MAX_CALLS = 8
# With more platforms than this, one call for all of them says the same.
MAX_SINGLE_PLATFORMS = 2


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool and its arguments, as a model asks for it."""

    tool: str
    args: dict[str, Any]


def list_calls(question: Question) -> list[Call]:
    """Return the calls that answer a question, in the order of the answer."""
    if question.topic is Topic.CONNECTIONS:
        return [Call(tool="list_connections", args={})]
    return [
        call
        for span, place in product(_spans(question), _places(question))
        for call in _calls(question, span, place)
    ]


def _spans(question: Question) -> tuple[Span, ...]:
    if question.topic is Topic.TREND and len(question.spans) == 1:
        return (*question.spans, question.spans[0].previous())
    return question.spans


def _places(question: Question) -> list[dict[str, str]]:
    account = {"account": question.account} if question.account else {}
    compares = question.topic is Topic.COMPARISON
    if compares or not 0 < len(question.platforms) <= MAX_SINGLE_PLATFORMS:
        return [account]
    return [{"platform": platform.value} | account for platform in question.platforms]


def _calls(question: Question, span: Span, place: dict[str, str]) -> Iterator[Call]:
    period = {"start": span.start.isoformat(), "end": span.end.isoformat()}
    growth = Call(tool="growth_summary", args=period | place)

    def metrics(*names: Metric) -> Iterator[Call]:
        for metric in names:
            yield Call(tool="get_metrics", args={"metric": metric.value} | period | place)

    match question.topic:
        case Topic.GROWTH:
            yield growth
            yield from metrics(*(m for m in question.metrics if m is not Metric.FOLLOWERS))
        case Topic.LEVEL | Topic.TOTAL | Topic.TREND:
            yield from metrics(*(question.metrics or (Metric.FOLLOWERS,)))
        case Topic.OVERVIEW:
            yield growth
            yield from metrics(Metric.ENGAGEMENT, _audience_metric(question), Metric.POSTS)
        case Topic.COMPARISON:
            if _compares_growth(question):
                yield Call(tool="compare_platforms", args=period)
            else:
                yield from metrics(*(question.metrics or (Metric.FOLLOWERS,)))
        case Topic.UNUSUAL:
            where = {key: value for key, value in place.items() if key == "platform"}
            for metric in question.metrics or (Metric.FOLLOWERS,):
                named = {} if metric is Metric.FOLLOWERS else {"metric": metric.value}
                yield Call(tool="find_unusual_days", args=period | where | named)


def _compares_growth(question: Question) -> bool:
    about_followers = question.metrics in {(), (Metric.FOLLOWERS,)}
    return about_followers and not HAS_MOST.search(question.text)


def _audience_metric(question: Question) -> Metric:
    return Metric.STREAMS if question.platforms == (Platform.SPOTIFY,) else Metric.VIEWS
