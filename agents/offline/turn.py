"""One step of a conversation: which tools to call, or what to say."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage

from agents.insights import INSIGHT_TOOL
from agents.offline.answers.answer import write_answer
from agents.offline.answers.requests import write_reply
from agents.offline.answers.results import read_results
from agents.offline.calls import MAX_CALLS, Call, list_calls
from agents.offline.creator import Creator, find_creator
from agents.offline.insights.writer import write_insights
from agents.offline.notes import KEEP_NOTES, take_notes
from agents.offline.plans.writer import PLAN_TOOL, write_part
from agents.offline.questions.parts import understand_parts
from agents.offline.questions.question import Question
from agents.offline.questions.reading import Asked, Part, Reader
from agents.offline.questions.replies import (
    HELP,
    LEFT_OUT,
    NO_CONTEXT,
    NO_TOOL,
    TOO_MUCH,
    Reply,
    find_small_talk,
    refusal,
)
from agents.offline.questions.words import normalise
from agents.offline.requests.request import Request, request_calls
from agents.offline.routing import CHOOSE_AGENT, choose_agent

# Follow-ups lean on the question right before them; a few earlier ones are enough to follow.
MAX_QUESTIONS = 12

Parts = list[Part]


def next_step(messages: Sequence[BaseMessage], tools: Collection[str]) -> str | list[Call]:
    """Return the answer, or the calls to make first; only tools that are bound are called."""
    for tool in tools:
        if write := _find_writer(tool):
            return [Call(tool=tool, args=write(messages))]
    questions = [message for message in messages if isinstance(message, HumanMessage)]
    if not questions:
        return HELP.text
    creator = find_creator(messages)
    if creator is None:
        reply = find_small_talk(normalise(questions[-1].text)) or NO_CONTEXT
        return reply.text
    reader = Reader(creator=creator, tools=tools)
    parts = _understand_all([message.text for message in questions[-MAX_QUESTIONS:]], reader)
    parts = [_asking(part) for part in parts]
    if all(isinstance(part, Reply) for part in parts):
        return _joined([part.text for part in parts if isinstance(part, Reply)])
    parts = _within_limits(parts)
    since = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)][-1]
    return _answer(parts, messages[since:], creator) or _calls(parts, tools)


def _find_writer(tool: str) -> Callable[[Sequence[BaseMessage]], dict[str, Any]] | None:
    """Return what fills in a tool that is there to be filled in, and nothing else is."""
    if tool == CHOOSE_AGENT:
        return lambda messages: {"agent": choose_agent(messages)}
    if tool == KEEP_NOTES:
        return take_notes
    if tool == INSIGHT_TOOL:
        return write_insights
    return write_part if tool.startswith(PLAN_TOOL) else None


def _understand_all(texts: Sequence[str], reader: Reader) -> Parts:
    """Return what the last text asks, having read those before it."""
    previous: Asked | None = None
    parts: Parts = [HELP]
    for text in texts:
        parts = understand_parts(text, reader, previous)
        asked = [part for part in parts if not isinstance(part, Reply)]
        previous = asked[-1] if asked else previous
    return parts


def _asking(part: Part) -> Part:
    """Return the question for what has to be known first, if there is any."""
    return refusal(part.ask) if isinstance(part, Request) and part.ask else part


def _within_limits(parts: Parts) -> Parts:
    """Put a reply in the place of the questions for which there are not enough calls."""
    kept: Parts = []
    calls: list[Call] = []
    for part in parts:
        wanted = [call for call in _needed(part) if call not in calls]
        if len(calls) + len(wanted) <= MAX_CALLS:
            calls += wanted
            kept.append(part)
        else:
            kept.append(LEFT_OUT if calls else TOO_MUCH)
    return kept


def _needed(part: Part) -> list[Call]:
    match part:
        case Question():
            return list_calls(part)
        case Request():
            return request_calls(part)
        case _:
            return []


def _calls(parts: Parts, tools: Collection[str]) -> str | list[Call]:
    wanted = [call for part in parts for call in _needed(part)]
    if not wanted:
        return _joined([part.text for part in parts if isinstance(part, Reply)])
    calls: list[Call] = []
    for call in wanted:
        if call.tool in tools and call not in calls:
            calls.append(call)
    return calls or NO_TOOL.text


def _answer(parts: Parts, turn: Sequence[BaseMessage], creator: Creator) -> str:
    """Return the answers in the order asked; nothing while no tool has been called."""
    has_several = sum(not isinstance(part, Reply) for part in parts) > 1
    texts: list[str] = []
    has_results = False
    for part in parts:
        if isinstance(part, Reply):
            texts.append(part.text)
            continue
        results = read_results(turn, part.spans, _needed(part) if has_several else None)
        has_results = has_results or bool(results.answered or results.errors)
        if isinstance(part, Question):
            texts.append(write_answer(part, results, creator))
        else:
            texts.append(write_reply(part, results, creator))
    return _joined(texts) if has_results else ""


def _joined(texts: Sequence[str]) -> str:
    """Return the texts under each other; what several of them say is said once."""
    paragraphs = (paragraph for text in texts for paragraph in text.split("\n\n"))
    return "\n\n".join(dict.fromkeys(paragraphs))
