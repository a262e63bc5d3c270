"""From what a creator typed to what is asked: a request of a tool, or a question about numbers."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeGuard

from agents.offline.creator import Creator
from agents.offline.dates.moments import PeriodError
from agents.offline.questions.cues import FOLLOW_UP
from agents.offline.questions.names import find_account, find_stranger
from agents.offline.questions.question import Question
from agents.offline.questions.refusals import find_guard
from agents.offline.questions.replies import (
    Reply,
    ReplyKind,
    find_small_talk,
    not_supported,
    refusal,
    without_politeness,
)
from agents.offline.questions.understanding import calendar_of, understand
from agents.offline.questions.vocabulary import find_metrics, find_other_platforms, find_platforms
from agents.offline.questions.words import normalise
from agents.offline.requests import cues
from agents.offline.requests.follow_ups import follow_request
from agents.offline.requests.insights import find_named_insight
from agents.offline.requests.kinds import find_clear_kind
from agents.offline.requests.plan_jobs import follow_plan
from agents.offline.requests.request import (
    GOAL_KINDS,
    PLAN_JOB_KINDS,
    TOOLS,
    Kind,
    Request,
    Text,
)
from agents.offline.requests.understanding import find_referral, find_request
from storage.models import Metric

Asked = Question | Request
Part = Asked | Reply

# A text this short leans on the one before it, even without an "and".
SHORT_WORDS = 4
_QUOTED = re.compile(r"(?:[:“\"«„]|(?<!\w)['\u2018]).*", re.DOTALL)
MANY_WORDS = 8
_PRONOUN = re.compile(r"\b(?:it|that|them|those|these|they|ones?|there)\b")
_OF_METRICS = {Kind.PERIODS, Kind.TRENDS, Kind.CONCENTRATION, Kind.FORECAST}
_HASHTAG = re.compile(r"#\w{2,}")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads texts for one creator; only requests of these tools can be met."""

    creator: Creator
    tools: Collection[str]

    def read(self, text: str, previous: Asked | None = None) -> Part:
        """Return what a text asks, or the reply to one that needs no figures."""
        if find_named_insight(text) and TOOLS[Kind.INSIGHTS][0] in self.tools:
            return Request(kind=Kind.INSIGHTS, text=normalise(text), typed=text)
        number_question = previous if isinstance(previous, Question) else None
        request = self._request(text, previous)
        if request is not None:
            return request
        asked = understand(text, self.creator, number_question)
        if isinstance(asked, Reply) and asked.kind is ReplyKind.REFUSAL:
            return find_referral(normalise(text), self.tools) or asked
        return asked

    def _request(self, typed: str, previous: Asked | None) -> Request | Reply | None:
        head = _QUOTED.sub("", typed)
        drafts = _keeps_text(head, typed)
        named = find_account(head if drafts else typed, self.creator)
        plain = without_politeness(normalise(named.text))
        has_hashtag = _HASHTAG.search(typed) is not None
        if find_small_talk(normalise(typed)) or (find_stranger(named.text) and not has_hashtag):
            return None
        if guarded := find_guard(plain):
            return refusal(guarded)
        if others := find_other_platforms(plain):
            return not_supported(others, self.creator.platforms())
        account = named.account.account if named.account else None
        text = Text(typed=typed, plain=plain, account=account)
        try:
            return self._found(text, previous)
        except PeriodError as error:
            return refusal(str(error))

    def _found(self, text: Text, previous: Asked | None) -> Request | Reply | None:
        if followed := follow_plan(previous, text, self.creator):
            return followed
        calendar = calendar_of(self.creator)
        is_kept = _keeps_text(_QUOTED.sub("", text.typed), text.typed)
        if is_kept and not cues.SAVE_DRAFT.search(text.plain):
            text = replace(text, plain=f"save draft {text.plain}")
        if _is_goal(previous) and cues.CHANGES_IT.search(text.plain):
            text = replace(text, plain=f"{text.plain} goal")
        if _HASHTAG.search(text.typed) and "topic" not in text.plain:
            text = replace(text, plain=f"{text.plain} hashtags")
        creator = _with_goals_in_mind(self.creator, text.plain, previous)
        found = find_request(text, creator, calendar, self.tools)
        leans = _leans(text.plain)
        if isinstance(previous, Request) and leans:
            clear = find_clear_kind(text.plain, self.tools)
            is_other = _is_goal(previous) and "other" in text.plain.split()
            if found is None or is_other or clear in {None, previous.kind}:
                followed = follow_request(text, previous, self.creator, calendar)
                found = followed or found
        is_about_it = FOLLOW_UP.search(text.plain) or _PRONOUN.search(text.plain)
        if isinstance(found, Request) and found.kind in PLAN_JOB_KINDS:
            return found
        if isinstance(found, Request) and previous and is_about_it:
            return _leaning(found, previous)
        return found


def _keeps_text(head: str, typed: str) -> bool:
    """Tell whether a text asks to keep a draft, by its words or by the quoted text behind them."""
    plain = normalise(head)
    if cues.SAVE_DRAFT.search(plain):
        return True
    names_place = find_platforms(plain) and not cues.GOAL.search(plain)
    return bool(head != typed and names_place and cues.KEEPS.search(without_politeness(plain)))


def _is_goal(asked: Asked | None) -> TypeGuard[Request]:
    return isinstance(asked, Request) and asked.kind in GOAL_KINDS


def _with_goals_in_mind(creator: Creator, text: str, previous: Asked | None) -> Creator:
    """Return the creator with only the goals that "lower it" can mean."""
    if not isinstance(previous, Request) or not cues.CHANGES_IT.search(text):
        return creator
    goals = [
        goal
        for goal in creator.goals
        if goal.id == previous.option("goal_id") or goal.platform in previous.platforms
    ]
    return creator.model_copy(update={"goals": tuple(goals) or creator.goals})


def _leans(text: str) -> bool:
    """Tell whether a text is about what was asked before: "on Facebook and only videos"."""
    words = len(text.split())
    if FOLLOW_UP.search(text) or words <= SHORT_WORDS:
        return True
    names_number = set(find_metrics(text, ())) - {Metric.POSTS}
    return words <= MANY_WORDS and (_PRONOUN.search(text) is not None or not names_number)


def _leaning(request: Request, previous: Asked) -> Request:
    """Let "and which formats?" keep the period and the platform of the question before."""
    is_trend = request.kind is Kind.TRENDS
    if request.is_recent and previous.spans and not previous.is_recent and not is_trend:
        request = replace(request, span=previous.spans[0], is_recent=False)
    is_unnamed = request.kind in _OF_METRICS and not find_metrics(request.text, ())
    if previous.metrics and is_unnamed:
        request = request.with_options(metric=previous.metrics[0].value)
    if request.kind in GOAL_KINDS and _is_goal(previous):
        goal_id = None if request.platforms else previous.option("goal_id")
        request = request.with_options(goal_id=goal_id)
    if not request.platforms:
        request = replace(request, platforms=previous.platforms, account=previous.account)
    return request
