"""Benchmarks as tables: medians of rounds, and their ratio to a baseline of the same run."""

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Milliseconds of one way to do something: the median of the rounds' medians, and of p95s."""

    name: str
    median_ms: float
    p95_ms: float


def measure(ways: Mapping[str, Callable[[int], object]], *, calls: int) -> list[Timing]:
    """Time each way, `calls` times in each of five rounds; the call's number is its argument.

    The ways take turns within a round, so that what else the machine does hits all of them.
    """
    medians: dict[str, list[float]] = {name: [] for name in ways}
    p95s: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(ROUNDS + 1):
        for name, way in ways.items():
            times = [_time(way, round_number * calls + number) for number in range(calls)]
            if round_number:  # the first one fills caches
                medians[name].append(median(times))
                p95s[name].append(quantiles(times, n=20)[-1])
    return [
        Timing(name=name, median_ms=median(medians[name]), p95_ms=median(p95s[name]))
        for name in ways
    ]


def print_table(timings: Sequence[Timing]) -> None:
    """Print a Markdown table; the first row is the baseline."""
    print("| what | median | 95 % below | to the baseline |")
    print("|---|---:|---:|---:|")
    for each in timings:
        ratio = each.median_ms / timings[0].median_ms
        print(
            f"| {each.name} | {each.median_ms:.2f} ms | {each.p95_ms:.2f} ms | {ratio:.1f} × |",
            flush=True,
        )


def print_machine() -> None:
    """Print what it ran on."""
    cores = Path("/proc/cpuinfo")
    lines = cores.read_text(encoding="utf-8").splitlines() if cores.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    name = models[0] if models else platform.processor() or platform.machine()
    load = Path("/proc/loadavg")
    busy = load.read_text(encoding="utf-8").split()[0] if load.exists() else "?"
    print(f"{len(models) or '?'} × {name}, Python {platform.python_version()}, load {busy}\n")


def _time(way: Callable[[int], object], number: int) -> float:
    begun = time.perf_counter()
    way(number)
    return 1_000 * (time.perf_counter() - begun)
