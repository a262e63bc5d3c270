"""What a streamed answer costs, next to FastAPI passing on the same upstream's bytes.

Upstream, server and client are processes of their own; each server is a new one in each round.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from benchmarks.creators import database_of_creators, sign_in
from benchmarks.processes import ServerProcess, serving, serving_suite
from benchmarks.tables import ROUNDS, print_machine
from benchmarks.upstream import WORD
from storage.models import new_id

STREAMS = 30
TOKENS = 100
A_SECOND = 30
ALONE = 25
# From one stream's start to the next one's: all at once would measure a queue.
STAGGER_SECONDS = 0.08
SAMPLE_SECONDS = 0.1
FIRST_WORD = WORD.strip().encode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One streamed answer, as its reader saw it."""

    first_token_ms: float
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What one server's answers cost in one round; the processor's time is the server's own."""

    first_token_ms: float
    first_token_among_ms: float
    start_ms: float
    token_us: float
    whole_token_us: float
    memory_kb: float
    wire_bytes: float
    stored_bytes: float


@dataclass(frozen=True, kw_only=True)
class Client:
    """Asks a server, as one creator after the other."""

    server: ServerProcess
    tokens: Sequence[str]

    async def ask(self, number: int, tokens: int) -> Answer:
        """Ask for an answer of so many tokens, on a connection of its own, and read all of it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        body = json.dumps({"id": str(new_id()), "message": question(tokens)}).encode()
        token = self.tokens[number % len(self.tokens)]
        head = (
            "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        begun = time.perf_counter()
        writer.write(head.encode() + body)
        received, first = b"", 0.0
        while some := await reader.read(65_536):
            received += some
            if not first and FIRST_WORD in received:
                first = time.perf_counter() - begun
        writer.close()
        answer = Answer(first_token_ms=1000 * first, body=received.partition(b"\r\n\r\n")[2])
        if answer.body.count(FIRST_WORD) != tokens:
            raise RuntimeError(f"not the whole answer: {received[:2000]!r}")
        return answer

    async def ask_alone(self, times: int) -> list[Answer]:
        """Ask for one token, one question after the other."""
        return [await self.ask(number, 1) for number in range(times)]

    async def ask_together(self, tokens: int) -> list[Answer]:
        """Ask all questions, each a little after the one before."""

        async def later(number: int) -> Answer:
            await asyncio.sleep(number * STAGGER_SECONDS)
            return await self.ask(number, tokens)

        return await asyncio.gather(*(later(number) for number in range(STREAMS)))


def main() -> None:
    """Measure and print."""
    print_machine()
    with (
        database_of_creators(STREAMS, first="2026-01-01", last="2026-01-31") as (
            app_url,
            owner_url,
        ),
        serving("-m", "benchmarks.upstream", "{port}") as upstream,
    ):
        tokens = list(sign_in(owner_url).values())
        relay = partial(
            serving,
            *("-m", "uvicorn", "--factory", "benchmarks.relay:create_app", "--port", "{port}"),
            *("--log-level", "warning"),
            UPSTREAM_PORT=str(upstream.port),
        )
        suite = partial(
            serving_suite,
            app_url,
            CHAT_MODEL="openai:benchmark",
            CHAT_BASE_URL=f"http://127.0.0.1:{upstream.port}/v1",
            RUN_JOBS="false",
        )
        relays: list[Costs] = []
        suites: list[Costs] = []
        for _ in range(ROUNDS):
            for start, costs in ((relay, relays), (suite, suites)):
                with start() as server:
                    costs.append(measure(Client(server=server, tokens=tokens), owner_url))
        print_costs(relays, suites)


def measure(client: Client, owner_url: str) -> Costs:
    """Measure a server that has just been started."""
    server = client.server
    with asyncio.Runner() as runner:
        runner.run(client.ask_alone(ALONE))  # the first ones fill caches
        alone = runner.run(client.ask_alone(ALONE))
        stored, idle = database_bytes(owner_url), server.memory_bytes
        together, long_seconds, peak = runner.run(watched(server, client.ask_together, TOKENS))
        stored = database_bytes(owner_url) - stored
        _, short_seconds, _ = runner.run(watched(server, client.ask_together, 1))
    more_tokens = STREAMS * (TOKENS - 1)
    return Costs(
        first_token_ms=median(each.first_token_ms for each in alone),
        first_token_among_ms=median(each.first_token_ms for each in together),
        start_ms=1000 * short_seconds / STREAMS,
        token_us=1e6 * (long_seconds - short_seconds) / more_tokens,
        whole_token_us=1e6 * long_seconds / (STREAMS * TOKENS),
        memory_kb=(peak - idle) / STREAMS / 1000,
        wire_bytes=median(len(each.body) for each in together) / TOKENS,
        stored_bytes=stored / STREAMS,
    )


async def watched(
    server: ServerProcess, ask: Callable[[int], Awaitable[list[Answer]]], tokens: int
) -> tuple[list[Answer], float, int]:
    """Ask; return the answers, the server's seconds of processor, and its most memory."""
    peak = 0

    async def sample() -> None:
        nonlocal peak
        while True:
            peak = max(peak, server.memory_bytes)
            await asyncio.sleep(SAMPLE_SECONDS)

    sampling = asyncio.create_task(sample())
    before = server.cpu_seconds
    answers = await ask(tokens)
    seconds = server.cpu_seconds - before
    sampling.cancel()
    return answers, seconds, peak


def print_costs(relays: Sequence[Costs], suites: Sequence[Costs]) -> None:
    """Print a Markdown table of medians."""
    said = len(question(TOKENS)) + TOKENS * len(WORD)

    def row(what: str, unit: str, cost: Callable[[Costs], float], base: float = 0) -> None:
        relay = base or median(map(cost, relays))
        suite = median(map(cost, suites))
        print(f"| {what} | {relay:,.1f} {unit} | {suite:,.1f} {unit} | {suite / relay:.1f} × |")

    print("| what | relay | suite | to the baseline |")
    print("|---|---:|---:|---:|")
    row("first token, alone", "ms", lambda each: each.first_token_ms)
    row(f"first token, among {STREAMS}", "ms", lambda each: each.first_token_among_ms)
    row("processor, an answer of one token", "ms", lambda each: each.start_ms)
    row("processor, each further token", "µs", lambda each: each.token_us)
    row(f"processor per token, of {TOKENS}", "µs", lambda each: each.whole_token_us)
    row("memory per open stream", "kB", lambda each: each.memory_kb)
    row("on the wire per token", "bytes", lambda each: each.wire_bytes)
    row("stored per turn, to what was said", "bytes", lambda each: each.stored_bytes, said)


def question(tokens: int) -> str:
    return f"tokens={tokens} a_second={A_SECOND}"


def database_bytes(owner_url: str) -> int:
    """Return how large the database is."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        size = text("SELECT pg_database_size(current_database())")
        count: int = connection.execute(size).scalar_one()
        return count


if __name__ == "__main__":
    main()
