"""`make soak`: many syncs of one portal, disturbed, raced and killed by chance; ends with the differences that are left."""

import argparse
import logging
import random
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.faults import KINDS
from integration_tests.world import METHODS, ONLY_TOLD_ALONE, Disturbance, Race, World


def main() -> None:
    """Play as many syncs as asked for; exit with 1 if a copy ever differs."""
    parser = argparse.ArgumentParser(prog="python -m integration_tests.soak", description=__doc__)
    parser.add_argument("--syncs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--deals", type=int, default=400)
    parser.add_argument("--in-flight", type=int, default=1, help="with more than 1, no seed plays twice alike")
    asked = parser.parse_args()
    logging.disable()
    print(f"seed {asked.seed}: {asked.syncs} syncs of a portal of {asked.deals} deals")
    with TemporaryDirectory() as folder:
        chance = random.Random(asked.seed)
        world = World(
            Path(folder),
            zone="America/New_York",
            deals=asked.deals,
            in_flight=asked.in_flight,
            columns_left_out=chance.choice([(), ONLY_TOLD_ALONE]),
        )
        outcomes, problems = _play(world, chance, asked.syncs)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{told}; differences {len(problems)}")
    if problems:
        sys.exit("\n".join(problems[:20]))


def _play(world: World, chance: random.Random, syncs: int) -> tuple[Counter[str], list[str]]:
    edits = sorted(world.EDITS)
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    for _ in range(syncs):
        for _ in range(chance.randrange(12)):
            world.edit(chance.choice(edits), chance.randrange(10_000))
        world.pass_time(chance.choice([1, 60, 3600, 3600, 3600, 86_400]))
        faults = [
            Disturbance(chance.choice(KINDS), chance.randrange(1, 30), chance.choice([1, 2, 1000]))
            for _ in range(chance.randrange(3))
        ]
        races = [
            Race(chance.choice(METHODS), chance.randrange(1, 40), chance.choice(edits), chance.randrange(10_000))
            for _ in range(chance.randrange(5))
        ]
        kill_after = chance.randrange(1500) if chance.random() < 0.3 else None
        outcomes["finished" if world.sync(faults, races, kill_after) else "cut short"] += 1
        if chance.random() < 0.3:
            outcomes["undisturbed and compared"] += 1
            problems += world.problems()
    return outcomes, problems + world.problems()


if __name__ == "__main__":
    main()
