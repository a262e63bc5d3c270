"""Chat in the terminal: `python -m agents "How did I grow last month?"`, or without a question.

With `--analyze` it tells what is worth knowing today.

Ctrl-C stops the answer and keeps it; Ctrl-D, or Ctrl-C at the prompt, leaves.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import orjson
from rich.console import Console
from rich.live import Live
from rich.markdown import Markdown
from rich.text import Text

from agents.catalog import AUTO, DEFAULT_AGENT, get_agent, list_agents
from core.errors import AppError
from core.logging import configure_logging
from core.model_settings import OFFLINE
from core.settings import InvalidSettingsError, read_settings
from domain.approvals import Decision
from domain.conversations import Ask
from graph.insights import Morning
from graph.local import find_asker
from graph.preparation import Asker
from graph.run import RunHandle
from graph.suite import Suite, open_suite
from storage.embedded import stop_on_sigterm
from storage.provision import DatabaseNotReadyError, ready_database

# Asks a question in the conversation of that id (None begins one); returns the id, and whether
# the answer came to an end.
AskFunction = Callable[[str, UUID | None], tuple[UUID, bool]]

FAILURES = (AppError, InvalidSettingsError, DatabaseNotReadyError)


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
                asker = runner.run(find_asker(suite, arguments.user))

                agent = arguments.agent or DEFAULT_AGENT

                def ask(question: str, conversation_id: UUID | None) -> tuple[UUID, bool]:
                    answer = _answer(console, suite, asker, question, conversation_id, agent)
                    return runner.run(answer)

                if arguments.analyze:
                    morning = runner.run(suite.analyze(asker.user_id, arguments.agent or AUTO.name))
                    _print_insights(console, morning)
                    return 0
                if not arguments.question:
                    _chat(console, ask, suite.model.name)
                    return 0
                _, is_whole = ask(" ".join(arguments.question), None)
                return 0 if is_whole else 1
            finally:
                runner.run(stack.aclose())
    except FAILURES as error:
        detail = error.detail if isinstance(error, AppError) else str(error)
        print(f"python -m agents: {detail}", file=sys.stderr)
        return 1


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m agents", description="Ask the suite's agents about a creator's numbers."
    )
    parser.add_argument("question", nargs="*", help="one question; without it you can chat")
    parser.add_argument(
        "--agent",
        choices=[agent.name for agent in list_agents()],
        help=f"who answers (default: {DEFAULT_AGENT}), or whose subjects --analyze tells of",
    )
    parser.add_argument(
        "--analyze", action="store_true", help="tell what is worth knowing today, and leave"
    )
    parser.add_argument("--user", metavar="EMAIL", help="whose numbers (default: the demo creator)")
    return parser.parse_args()


def _print_insights(console: Console, morning: Morning) -> None:
    """Print today's insights, or that there are none."""
    for insight in morning.insights:
        console.print(Text(f"{insight.title}  ({insight.type}, {insight.priority})", style="bold"))
        actions = "\n".join(f"- {item['text']}" for item in insight.action_items)
        _print_block(console, f"{insight.message}\n\n{actions}")
    if not morning.insights:
        console.print("Nothing stands out today.")


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
            conversation_id, _ = ask(question, conversation_id)


async def _answer(
    console: Console,
    suite: Suite,
    asker: Asker,
    question: str,
    conversation_id: UUID | None,
    agent: str,
) -> tuple[UUID, bool]:
    key = str(conversation_id) if conversation_id else None
    run = await suite.runs.start(asker, key, Ask(text=question), agent=agent)
    stopping: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(
        signal.SIGINT, lambda: stopping.add(asyncio.create_task(suite.runs.stop(run)))
    )
    try:
        with _silent_control_keys():
            shown = await _show(console, run)
        while shown.approvals:
            decisions = [await _decide(console, approval) for approval in shown.approvals]
            run = await suite.runs.resume(asker, run.run_id, decisions)
            with _silent_control_keys():
                shown = await _show(console, run, after=run.log.resumed_at)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return run.conversation_id, shown.is_whole


async def _decide(console: Console, approval: dict[str, Any]) -> Decision:
    """Ask at the terminal; anything but yes declines, and so does the end of input."""
    title = approval["approvalDescriptor"]["title"]
    console.print(Text(title, style="bold"), end=" ")
    try:
        said = (await asyncio.to_thread(console.input, "[dim]yes / no[/] > ")).strip().lower()
    except EOFError:
        said = ""
    console.print()
    kind: Literal["approve", "reject"] = "approve" if said in {"y", "yes"} else "reject"
    return Decision(id=approval["approvalId"], type=kind)


@contextmanager
def _silent_control_keys() -> Iterator[None]:
    """Keep the terminal from writing ^C into an answer that is being drawn."""
    try:
        import termios  # noqa: PLC0415 - not on Windows
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    quiet = [*before[:3], before[3] & ~termios.ECHOCTL, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Whether an answer came to an end, and what it waits for."""

    is_whole: bool
    approvals: list[dict[str, Any]]


async def _show(console: Console, run: RunHandle, *, after: int = 0) -> Shown:
    """Print the answer while it comes, from behind an event on, and tell how it stands.

    Finished blocks of text are printed for good; only the block that is being written is live,
    since a live region that is taller than the window could not be redrawn.
    """
    block = ""
    has_failed = False
    approvals = []
    with Live(console=console, refresh_per_second=12, transient=True) as live:
        async for event in run.log.read(after):
            chunk = orjson.loads(event.data)
            match chunk["type"]:
                case "text-delta":
                    finished, has_end, rest = (block + chunk["delta"]).rpartition("\n\n")
                    if has_end:
                        _print_block(live.console, finished)
                    block = rest
                    live.update(Markdown(block))
                case "text-end":
                    live.update("")
                    _print_block(live.console, block)
                    block = ""
                case "tool-approval-request":
                    approvals.append(chunk)
                case _:
                    has_failed |= chunk["type"] == "error"
                    if line := _line(chunk):
                        live.console.print(line)
    return Shown(is_whole=not has_failed, approvals=approvals)


def _print_block(console: Console, block: str) -> None:
    """Print finished Markdown with a blank line behind it, which a table brings itself."""
    console.print(Markdown(block))
    if not block.endswith("|"):
        console.print()


def _line(chunk: dict[str, Any]) -> Text | None:
    """Return the line that a chunk other than text is worth."""
    match chunk:
        case {"type": "tool-input-available", "toolName": name, "input": arguments}:
            asked = ", ".join(f"{key} {value}" for key, value in arguments.items() if value)
            return Text(f"· {name} {asked}".rstrip(), style="dim")
        case {"type": "tool-output-error", "errorText": reason}:
            return Text(f"· {reason}", style="yellow")
        case {"type": "message-metadata", "messageMetadata": {"agent": name}}:
            return Text(f"· {get_agent(name).title} answers", style="dim")
        case {"type": "data-grounding", "data": verdict}:
            return _verdict_line(verdict)
        case {"type": "abort"}:
            return Text("Stopped; what it said is kept.", style="yellow")
        case _:
            is_error = chunk["type"] == "error"
            return Text(chunk["errorText"], style="red") if is_error else None


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
