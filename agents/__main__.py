"""Chat in the terminal: `python -m agents "How did I grow last month?"`, or without a question.

Ctrl-C stops the answer and keeps it; Ctrl-D, or Ctrl-C at the prompt, leaves.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID

import orjson
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from agents.catalog import AGENTS, DEFAULT_AGENT
from core.clock import utc_now
from core.errors import AppError, NotFoundError
from core.logging import configure_logging
from core.settings import OFFLINE, InvalidSettingsError, read_settings
from domain.accounts import normalize_email
from domain.conversations import Ask
from domain.demo import DEMO_EMAIL, seed_demo
from graph.run import Asker, RunHandle
from graph.suite import Suite, open_suite
from storage.embedded import stop_on_sigterm
from storage.provision import DatabaseNotReadyError, ready_database
from storage.users import find_user

Question = str
# Asks a question in the conversation of that id (None begins one) and returns the id.
AskFunction = Callable[[Question, UUID | None], UUID | None]

FAILURES = (AppError, InvalidSettingsError, DatabaseNotReadyError)


class NoSuchUserError(NotFoundError):
    """There is no account with this e-mail; name yours with --user."""

    code = "no_such_user"


def main() -> int:
    """Answer one question, or chat until the user leaves; return the exit code."""
    arguments = _parse_arguments()
    console = Console()
    configure_logging("WARNING")
    stop_on_sigterm()
    try:
        settings = read_settings()
        with ready_database(settings) as url, asyncio.Runner() as runner:
            stack = AsyncExitStack()
            suite = runner.run(stack.enter_async_context(open_suite(settings, url)))
            try:
                asker = runner.run(_find_asker(suite, arguments.user))

                def ask(question: Question, conversation_id: UUID | None) -> UUID | None:
                    answer = _answer(
                        console, suite, asker, question, conversation_id, arguments.agent
                    )
                    return runner.run(answer)

                if arguments.question:
                    ask(" ".join(arguments.question), None)
                else:
                    _chat(console, ask, suite.model.name)
            finally:
                runner.run(stack.aclose())
    except FAILURES as error:
        detail = error.detail if isinstance(error, AppError) else str(error)
        print(f"python -m agents: {detail}", file=sys.stderr)
        return 1
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m agents", description="Ask the suite's agents about a creator's numbers."
    )
    parser.add_argument("question", nargs="*", help="one question; without it you can chat")
    parser.add_argument("--agent", choices=sorted(AGENTS), default=DEFAULT_AGENT)
    parser.add_argument("--user", metavar="EMAIL", help="whose numbers (default: the demo creator)")
    return parser.parse_args()


async def _find_asker(suite: Suite, email: str | None) -> Asker:
    """Return whose numbers are asked about; the person at the terminal owns the database."""
    if email is None and suite.settings.has_demo:
        email = DEMO_EMAIL
        await seed_demo(suite.database, utc_now)
    async with suite.database.service_session() as session:
        user = await find_user(session, normalize_email(email or ""))
    if user is None:
        raise NoSuchUserError
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale)


def _chat(console: Console, ask: AskFunction, model: str) -> None:
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415 - line editing and history, where Python has it
    label = "the offline model, which needs no key" if model == OFFLINE else model
    console.print(f"Ask about your numbers ({label}). Ctrl-C stops an answer, Ctrl-D leaves.\n")
    conversation_id: UUID | None = None
    while True:
        try:
            question = console.input("[bold cyan]you[/] > ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if question:
            conversation_id = ask(question, conversation_id)


async def _answer(
    console: Console,
    suite: Suite,
    asker: Asker,
    question: str,
    conversation_id: UUID | None,
    agent: str,
) -> UUID:
    key = str(conversation_id) if conversation_id else None
    run = await suite.runs.start(asker, key, Ask(text=question), agent=agent)
    stopping: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(
        signal.SIGINT, lambda: stopping.add(asyncio.create_task(suite.runs.stop(run)))
    )
    try:
        await _show(console, run)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return run.conversation_id


async def _show(console: Console, run: RunHandle) -> None:
    """Print the answer while it comes: tool calls as lines, text as Markdown."""
    live: Live | None = None
    said = ""
    async for event in run.log.read():
        chunk = orjson.loads(event.data)
        match chunk["type"]:
            case "text-start":
                said = ""
                live = Live(console=console, vertical_overflow="visible", refresh_per_second=12)
                live.start()
            case "text-delta" if live:
                said += chunk["delta"]
                live.update(Markdown(said))
            case "text-end" if live:
                live.update(Markdown(said), refresh=True)
                live.stop()
                console.print()
            case _:
                if line := _line(chunk):
                    console.print(line)


def _line(chunk: dict[str, Any]) -> Text | None:
    """Return the line that a chunk other than text is worth."""
    match chunk:
        case {"type": "tool-input-available", "toolName": name, "input": arguments}:
            asked = ", ".join(f"{key} {value}" for key, value in arguments.items() if value)
            return Text(f"· {name} {asked}".rstrip(), style="dim")
        case {"type": "tool-output-error", "errorText": reason}:
            return Text(f"· {reason}", style="yellow")
        case {"type": "data-grounding", "data": verdict}:
            return _verdict_line(verdict)
        case {"type": "abort"}:
            return Text("Stopped; what it said is kept.", style="yellow")
        case {"type": "error", "errorText": reason}:
            return Text(reason, style="red")
    return None


def _verdict_line(verdict: dict[str, Any]) -> Text | None:
    numbers = verdict["numbers"]
    unbacked = [
        number["text"]
        for number in numbers
        if not (number["figure"] or number["derivation"] or number["is_from_question"])
    ]
    if unbacked:
        return Text(f"! no source for {', '.join(unbacked)}\n", style="yellow")
    return (
        Text(f"✓ {len(numbers)} numbers, each with its source\n", style="dim") if numbers else None
    )


if __name__ == "__main__":
    sys.exit(main())
