"""Which agent a text is for, by the same rules that understand it."""

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.offline.questions.cues import FOLLOW_UP, GROWTH
from agents.offline.questions.vocabulary import find_metrics
from agents.offline.questions.words import normalise
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_target
from agents.offline.requests.insights import asks_for_insights, find_named_insight
from agents.offline.requests.kinds import find_kind
from agents.offline.requests.plan_jobs import find_plan_kind
from agents.offline.requests.request import GOAL_KINDS, Kind
from storage.models import Metric

CHOOSE_AGENT = "choose_agent"
SHORT_WORDS = 3
_PREVIOUS = re.compile(r"The last answer came from: (?P<name>\w+)\.")
_PLANS = re.compile(
    r"\b(?:plan\w*|calendar|schedule|agenda|road ?map|(?:map|lay|line|fill) (?:\w+ ){0,3}(?:out|up)"
    r"|go(?:es)? (?:out|live|up)|go live|time ?table|(?:structure|organi[sz]e|sort out) my|line ?up"
    r"|(?:posts?|uploads?|videos?|reels?) (?:a|per|each) week)\b"
)
# What the planner asks for: "the goal is more followers"; or about its work: "is it ready?"
_ANSWERS_PLANNER = re.compile(
    r"^(?:the |my )?(?:goal|aim)(?: is)? (?:more|to|a|\d)"
    r"|^(?:how far|is it (?:ready|done|finished)|rename it)\b(?!.*\bgoals?\b)"
)
_BACK = re.compile(r"\b(?:did|was|were|went|has|have)\b")
_WRITES = re.compile(r"\b(?:captions?|hooks?|write|draft|bio|catchy|text for|flops?|hit)\b")
_GOALS = {*GOAL_KINDS, Kind.SUGGEST_GOAL}
_SERIES = {Kind.PERIODS, Kind.TRENDS, Kind.FORECAST, Kind.CONCENTRATION, Kind.NEXT_STEPS}


def choose_agent(messages: Sequence[BaseMessage]) -> str:
    """Return the name of the agent that the last message is for."""
    questions = [message.text for message in messages if isinstance(message, HumanMessage)]
    text = normalise(questions[-1]) if questions else ""
    if asks_for_insights(text) or (questions and find_named_insight(questions[-1])):
        return "career"
    previous = _previous(messages)
    if find_plan_kind(text) or (previous == "planner" and _ANSWERS_PLANNER.search(text)):
        return "planner"
    agent = _agent(text)
    leans = FOLLOW_UP.search(text) is not None or len(text.split()) <= SHORT_WORDS
    if agent is None or (leans and previous and agent == "career"):
        return previous or "career"
    return agent


def _agent(text: str) -> str | None:
    """Return who a text names by its words; null if it could be for anybody."""
    kind = find_kind(text, ())
    wants_more = cues.CREATE_GOAL.search(text) and find_target(text) is not None
    changes = cues.UPDATE_GOAL.search(text) and not cues.ABOUT_POSTS.search(text)
    if kind in _GOALS or wants_more or changes or cues.NEEDS_NO_GOAL.search(text):
        return "goal_tracker"
    if _PLANS.search(text) and not _BACK.search(text):
        return "planner"
    if kind in _SERIES:
        return "career"
    if kind is not None or cues.PLAN.search(text) or _WRITES.search(text):
        return "content_strategist"
    if cues.MOMENTS.search(text) and cues.ABOUT_POSTS.search(text):
        return "content_strategist"
    is_about_numbers = GROWTH.search(text) or find_metrics(text, ()) not in {(), (Metric.POSTS,)}
    return "career" if is_about_numbers else None


def _previous(messages: Sequence[BaseMessage]) -> str | None:
    for message in messages:
        if isinstance(message, SystemMessage) and (match := _PREVIOUS.search(message.text)):
            return None if match["name"] == "nobody" else match["name"]
    return None
