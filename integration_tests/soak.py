"""`make soak`: many syncs of a portal with random faults, races and kills; prints the remaining differences."""

import argparse
import logging
import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.faults import KINDS
from integration_tests.history import GET_ONLY_COLUMNS, METHODS, FaultPlan, History, Race


def main() -> None:
    """Run `--syncs` syncs; exit with 1 if the copy ever differs from the portal."""
    parser = argparse.ArgumentParser(prog="python -m integration_tests.soak", description=__doc__)
    parser.add_argument("--syncs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--deals", type=int, default=400)
    parser.add_argument("--in-flight", type=int, default=1, help="with more than 1, a seed is not reproducible")
    arguments = parser.parse_args()
    logging.disable()
    print(f"seed {arguments.seed}: {arguments.syncs} syncs of a portal of {arguments.deals} deals")
    outcomes, problems = play(arguments.seed, arguments.syncs, arguments.deals, arguments.in_flight)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{counts}; differences {len(problems)}")
    if problems:
        sys.exit("\n".join(problems[:20]))


def play(seed: int, syncs: int, deals: int, in_flight: int = 1) -> tuple[Counter[str], list[str]]:
    """Run a history that `seed` chooses; return how its syncs ended, and the differences between copy and portal."""
    with TemporaryDirectory() as folder:
        chance = random.Random(seed)
        history = History(
            Path(folder),
            # where no clock changes, the copy keeps the row with the newest date, as destinations do
            zone=("America/New_York", "Europe/Moscow")[seed % 2],
            deals=deals,
            in_flight=in_flight,
            columns_left_out=chance.choice([(), GET_ONLY_COLUMNS]),
        )
        return _run(history, chance, syncs)


def _run(history: History, chance: random.Random, syncs: int) -> tuple[Counter[str], list[str]]:
    edits = sorted(history.EDITS)
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    for _ in range(syncs):
        for _ in range(chance.randrange(12)):
            history.edit(chance.choice(edits), chance.randrange(10_000))
        if chance.random() < 0.2:
            history.take_rights(chance.randrange(10_000))
        history.pass_time(chance.choice([1, 60, 3600, 3600, 3600, 86_400]))
        faults = [
            FaultPlan(chance.choice(KINDS), chance.randrange(1, 30), chance.choice([1, 2, 1000]))
            for _ in range(chance.randrange(3))
        ]
        races = [
            Race(chance.choice(METHODS), chance.randrange(1, 40), chance.choice(edits), chance.randrange(10_000))
            for _ in range(chance.randrange(5))
        ]
        # a later sync prints few lines
        kill_after = chance.randrange(chance.choice([20, 200, 1500])) if chance.random() < 0.4 else None
        outcomes["finished" if history.sync(faults, races, kill_after) else "not finished"] += 1
        if chance.random() < 0.3:
            outcomes["compared after a sync without faults"] += 1
            problems += history.problems()
    return outcomes, problems + history.problems()


if __name__ == "__main__":
    main()
