from pathlib import Path
from subprocess import run
from sys import executable

import emulator
from emulator.coverage import table
from emulator.methods import METHODS


def test_every_method_has_a_line_with_a_summary_and_facts() -> None:
    head, ruler, *lines = table().splitlines()
    assert (head, ruler) == ("| method | emulated | facts |", "| --- | --- | --- |")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [name for name, _, _ in cells] == [f"`{name}`" for name in sorted(METHODS)]
    assert all(summary.endswith(".") or ";" in summary for _, summary, _ in cells)
    assert all(facts.startswith("P") for _, _, facts in cells)


def test_the_table_can_be_printed() -> None:
    folder = Path(emulator.__file__).parent.parent
    printed = run([executable, "-m", "emulator", "--methods"], capture_output=True, text=True, check=True, cwd=folder)
    assert (printed.stdout, printed.stderr) == (table(), "")
