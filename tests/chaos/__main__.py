"""`python -m tests.chaos`: a long chaos run, and its figures."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.chaos.soak import soak


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(soak(Path(folder), runs=arguments.runs, seed=arguments.seed)))


if __name__ == "__main__":
    main()
