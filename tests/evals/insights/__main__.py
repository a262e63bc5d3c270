"""How often insights are told of noise, and how often planted stories are: the long run.

`python -m tests.evals.insights --creators 100 --mornings 60` takes some minutes; the suite tries
a few of each. The exit code tells whether both rates are kept (`docs/insights.md`).
"""

import argparse
import sys

from tests.insight_creators import a_creator, told_over
from tests.insight_stories import STORIES, is_told

SEEDS = range(100)
LEAST_FOUND = 95
MOST_PER_DAY = 0.001


def main() -> int:
    """Count, print a line for each, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals.insights")
    parser.add_argument("--creators", type=int, default=100, help="creators of noise")
    parser.add_argument("--mornings", type=int, default=60, help="mornings of each of them")
    arguments = parser.parse_args()
    is_kept = True
    for name, (detector, build) in STORIES.items():
        found = sum(is_told(detector, build(seed)) for seed in SEEDS)
        is_kept = is_kept and found >= LEAST_FOUND
        print(f"{name}: told of {found} of {len(SEEDS)} creators", flush=True)
    told = 0
    for seed in range(arguments.creators):
        for each in told_over(a_creator(seed), arguments.mornings):
            told += 1
            print(f"noise: creator {seed} was told {each.finding}", flush=True)
    days = arguments.creators * arguments.mornings
    print(f"noise: {told} insights in {days:,} creator-days")
    return 0 if is_kept and told <= MOST_PER_DAY * days else 1


if __name__ == "__main__":
    sys.exit(main())
