"""`python -m benchmarks`: readers side by side.

`growth` measures one workload in growing sizes, `lanes` this connector with more and fewer requests in flight, `deletions`
what it takes to find rows that are gone, `smart-processes` what their tables take; `plot` draws the plots again.
"""

import argparse
import shlex
import sys

from . import deletions, growth, lanes, report, smart_processes
from .environment import draw_plots, prepare
from .limits import STATED
from .readers import READERS
from .side_by_side import Bench
from .workloads import WORKLOADS

_OTHERS = {"growth": growth, "lanes": lanes, "deletions": deletions, "smart-processes": smart_processes}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=f"{__doc__} All of it takes hours.")
    made.add_argument("what", nargs="?", choices=("readers", *_OTHERS, "plot"), default="readers")
    made.add_argument("--repeats", type=int, default=3, help="runs of each reader; the report has their median")
    made.add_argument(
        "--quick", action="store_true", help="a try: a hundredth of the rows, one run, not the sparse portal"
    )
    made.add_argument("--write", action="store_true", help="write the report into docs/ too")
    made.add_argument("--only", default="", help=f"of {', '.join(workload.name for workload in WORKLOADS)}")
    made.add_argument("--readers", default="", help=f"of {', '.join(reader.name for reader in READERS)}")
    made.add_argument("--in-flight", type=int, default=12, help="this connector's most requests in flight, 1 to 16")
    return made


def side_by_side(options: argparse.Namespace) -> str:
    """Measure, and return the section. Each table is printed as soon as it is complete."""
    names, readers = options.only.split(","), options.readers.split(",")
    workloads = [
        workload
        for workload in WORKLOADS
        if (workload.name in names if options.only else not options.quick or workload.name != "sparse")
    ]
    bench = Bench(
        repeats=1 if options.quick else options.repeats,
        share=0.01 if options.quick else 1.0,
        page_share=0.25 if options.quick else None,
        in_flight=options.in_flight,
        readers=[reader for reader in READERS if not options.readers or reader.name in readers],
    )
    parts = ["## Readers side by side\n", report.made_with(_command(options), STATED)]
    if options.quick:
        parts.append("\n**Quick: a hundredth of the rows that the titles say.**")
    print("\n".join(parts), flush=True)
    for workload, results in bench.results(workloads):
        parts.append(report.table(workload, results))
        print(parts[-1], flush=True)
    parts.append(report.NOTES.format(in_flight=options.in_flight, burst=STATED.burst))
    print(parts[-1])
    return "\n".join(parts)


def main() -> None:
    """Run the command line."""
    options = parser().parse_args()
    if options.quick and options.write:
        sys.exit("--quick and --write exclude each other: quick figures do not belong into the documentation.")
    prepare()
    if options.what == "plot":
        draw_plots()
        return
    if options.what == "readers":
        text = side_by_side(options)
    else:
        text = _OTHERS[options.what].markdown(options)
        print(text)
    if options.write:
        report.write(options.what, text)
        draw_plots()


def _command(options: argparse.Namespace) -> str:
    """The command that makes these figures."""
    usual = parser().parse_args([])
    changed = {
        name: getattr(options, name)
        for name in ("repeats", "only", "readers", "in_flight")
        if getattr(options, name) != getattr(usual, name)
    }
    words = [
        "python -m benchmarks",
        *(f"--{name.replace('_', '-')} {shlex.quote(str(value))}" for name, value in changed.items()),
    ]
    return " ".join(words + ["--quick"] * options.quick)


if __name__ == "__main__":
    main()
