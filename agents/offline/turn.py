"""One step of a conversation: which tools to call, or what to say."""

from collections.abc import Collection, Sequence

from langchain_core.messages import BaseMessage, HumanMessage

from agents.offline.answers.answer import write_answer
from agents.offline.answers.results import read_results
from agents.offline.calls import MAX_CALLS, Call, list_calls
from agents.offline.creator import Creator, find_creator
from agents.offline.questions.question import Question
from agents.offline.questions.replies import (
    HELP,
    NO_CONTEXT,
    NO_TOOL,
    TOO_MUCH,
    Reply,
    find_small_talk,
)
from agents.offline.questions.understanding import understand
from agents.offline.questions.words import normalise

# Follow-ups lean on the question right before them; a few earlier ones are enough to follow.
MAX_QUESTIONS = 12


def next_step(messages: Sequence[BaseMessage], tools: Collection[str]) -> str | list[Call]:
    """Return the answer, or the calls to make first; only tools that are bound are called."""
    questions = [message for message in messages if isinstance(message, HumanMessage)]
    if not questions:
        return HELP.text
    creator = find_creator(messages)
    if creator is None:
        reply = find_small_talk(normalise(questions[-1].text)) or NO_CONTEXT
        return reply.text
    asked = _understand_all([message.text for message in questions[-MAX_QUESTIONS:]], creator)
    if isinstance(asked, Reply):
        return asked.text
    since = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)][-1]
    results = read_results(messages[since:], asked.spans)
    if results.answered or results.errors:
        return write_answer(asked, results, creator)
    return _calls(asked, tools)


def _understand_all(texts: Sequence[str], creator: Creator) -> Question | Reply:
    """Return what the last text asks, having read those before it."""
    previous: Question | None = None
    asked: Question | Reply = HELP
    for text in texts:
        asked = understand(text, creator, previous)
        previous = asked if isinstance(asked, Question) else previous
    return asked


def _calls(question: Question, tools: Collection[str]) -> str | list[Call]:
    calls = [call for call in list_calls(question) if call.tool in tools]
    if not calls:
        return NO_TOOL.text
    return calls if len(calls) <= MAX_CALLS else TOO_MUCH.text
