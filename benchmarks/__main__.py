"""`python -m benchmarks`: readers side by side. `growth` and `cheat` measure other things; see `--help`."""

import argparse
import sys

from . import cheat, growth, report
from .environment import prepare
from .limits import STATED
from .readers import READERS
from .side_by_side import Bench
from .workloads import WORKLOADS


def arguments() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=f"{__doc__} All of it takes more than an hour."
    )
    parser.add_argument("what", nargs="?", choices=("readers", "growth", "cheat"), default="readers")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, of which the median counts")
    parser.add_argument(
        "--quick", action="store_true", help="a hundredth of the rows, once, not the sparse ones: does it work?"
    )
    parser.add_argument("--write", action="store_true", help="also write into docs/")
    parser.add_argument("--only", default="", help=f"of {', '.join(one.name for one in WORKLOADS)}")
    parser.add_argument("--readers", default="", help=f"of {', '.join(one.name for one in READERS)}")
    parser.add_argument("--in-flight", type=int, default=4, help="requests this connector has under way, 1 to 8")
    return parser


def side_by_side(asked: argparse.Namespace) -> str:
    """The tables."""
    names, readers = asked.only.split(","), asked.readers.split(",")
    chosen = [
        one for one in WORKLOADS if (one.name in names if asked.only else not asked.quick or one.name != "sparse")
    ]
    bench = Bench(
        repeats=1 if asked.quick else asked.repeats,
        share=0.01 if asked.quick else 1.0,
        page_share=0.25 if asked.quick else None,
        in_flight=asked.in_flight,
        readers=[one for one in READERS if not asked.readers or one.name in readers],
    )
    told = [report.made_with(command_of(asked), bench.limits)]
    if asked.quick:
        told.append("\n**Quick: a hundredth of the rows that the titles say.**")
    print("\n".join(told), flush=True)
    for workload, lines in bench.tables(chosen):
        told.append(report.table(workload, lines))
        print(told[-1], flush=True)
    told.append(report.NOTES.format(in_flight=asked.in_flight, burst=STATED.burst))
    print(told[-1])
    return "## Readers side by side\n\n" + "\n".join(told)


def command_of(asked: argparse.Namespace) -> str:
    """The command that makes these figures again."""
    told = ["python -m benchmarks", *([asked.what] if asked.what != "readers" else [])]
    told += [f"--{name.replace('_', '-')} {value}" for name, value in _changed(asked).items()]
    return " ".join(told + ["--quick"] * asked.quick)


def _changed(asked: argparse.Namespace) -> dict[str, object]:
    usual = arguments().parse_args([])
    told = {name: getattr(asked, name) for name in ("repeats", "only", "readers", "in_flight")}
    return {name: value for name, value in told.items() if value != getattr(usual, name)}


def main() -> None:
    """Measure what was asked for."""
    asked = arguments().parse_args()
    if asked.quick and asked.write:
        sys.exit("What is measured quickly is not written down.")
    prepare()
    makers = {"readers": side_by_side, "growth": growth.measured, "cheat": cheat.measured}
    text = makers[asked.what](asked)
    if asked.write:
        report.write(asked.what, text)


if __name__ == "__main__":
    main()
