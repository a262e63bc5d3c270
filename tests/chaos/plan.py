"""What is to happen in a chaos run, all of it chosen by the seed."""

from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any

from tests.e2e.scripted_model import Chunk, Reply, calls, pause, says

SERVERS = (0, 1)
WORDS = (10, 40)
PAUSE_SECONDS = (0.0, 0.12)
CREATORS = 6
CONVERSATIONS_PER_CREATOR = 2
FAULTS = ("kill server", "kill server", "kill server", "restart database", "kill database")
RUNS_PER_FAULT = 10


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One connection of a reader: to which server, and after how many events it hangs up."""

    server: int
    events: int | None = None  # it stays


@dataclass(frozen=True, kw_only=True)
class Following:
    """A reader that comes to an answer when it has got so far."""

    after: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True, kw_only=True)
class Action:
    """What is done when an answer has got so far."""

    name: str
    after: int
    server: int


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """One question, what is said to it, and what happens meanwhile.

    With a `decision` the model wants to set a goal, which needs an approval.
    """

    number: int
    creator: int
    conversation: str
    texts: tuple[tuple[str, ...], ...]  # the words of each model call
    pauses: tuple[float, ...]
    visits: tuple[Visit, ...]
    followings: tuple[Following, ...]
    stop: Action | None
    fault: Action | None
    decision: Action | None

    @property
    def question(self) -> str:
        return f"Question {self.number}?"

    @property
    def goal(self) -> dict[str, Any]:
        target = 2000 + self.number
        return {"metric": "followers", "platform": "instagram", "target_value": target}

    @property
    def replies(self) -> list[Reply]:
        """Return what the model says, call by call."""
        pauses = cycle(self.pauses)
        replies = []
        for place, words in enumerate(self.texts, 1):
            chunks: list[str | Chunk] = []
            for word in words:
                chunks += [word, pause(next(pauses))]
            if place < len(self.texts):
                chunks.append(calls("create_goal", self.goal, call_id=f"call_{self.number}"))
            replies.append(says(*chunks))
        return replies


def make_plan(runs: int, seed: int) -> list[RunPlan]:
    """Return the runs, in the order in which each conversation asks them."""
    random = Random(seed)
    faults = _plan_faults(random, runs)
    return [
        _plan_run(
            random,
            number,
            creator=number % CREATORS,
            conversation=f"c{number // CREATORS % CONVERSATIONS_PER_CREATOR}",
            fault=faults.get(number),
        )
        for number in range(runs)
    ]


def _plan_faults(random: Random, runs: int) -> dict[int, Action]:
    """Return during which runs something breaks down: all kinds equally often, in random order."""
    places = range(RUNS_PER_FAULT // 2, runs, RUNS_PER_FAULT)
    kinds = [FAULTS[place % len(FAULTS)] for place in range(len(places))]
    random.shuffle(kinds)
    return {
        place: Action(name=kind, after=random.randint(2, 25), server=random.choice(SERVERS))
        for place, kind in zip(places, kinds, strict=True)
    }


def _plan_run(
    random: Random, number: int, *, creator: int, conversation: str, fault: Action | None
) -> RunPlan:
    has_goal = random.random() < 0.2
    return RunPlan(
        number=number,
        creator=creator,
        conversation=conversation,
        texts=tuple(_words(random, number, call) for call in range(1 + has_goal)),
        pauses=tuple(random.uniform(*PAUSE_SECONDS) for _ in range(20)),
        visits=_visits(random),
        followings=tuple(
            Following(after=random.randint(0, 25), visits=_visits(random))
            for _ in range(random.choice((0, 1, 1, 2)))
        ),
        stop=_action(random, "stop", (0, 30)) if random.random() < 0.3 else None,
        fault=fault,
        decision=_action(random, random.choice(("approve", "approve", "reject", "leave")), (0, 0))
        if has_goal
        else None,
    )


def _words(random: Random, number: int, call: int) -> tuple[str, ...]:
    return tuple(f"word-{number}-{call}-{place} " for place in range(random.randint(*WORDS)))


def _visits(random: Random) -> tuple[Visit, ...]:
    hang_ups = tuple(
        Visit(server=random.choice(SERVERS), events=random.randint(0, 20))
        for _ in range(random.choice((0, 1, 1, 2, 3)))
    )
    return (*hang_ups, Visit(server=random.choice(SERVERS)))


def _action(random: Random, name: str, after: tuple[int, int]) -> Action:
    return Action(name=name, after=random.randint(*after), server=random.choice(SERVERS))
