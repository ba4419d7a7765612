"""A diagram as Mermaid, which GitHub draws."""

from .diagram import Box, Diagram


def mermaid(diagram: Diagram) -> str:
    """An `erDiagram`: a box for each table, a line for each reference."""
    lines = ["erDiagram"]
    for box in diagram.boxes:
        lines += [f"    {box.table} {{", *_rows(box), "    }"]
    lines += [f'    {line.to_table} |o--o{{ {line.table} : "{line.column}"' for line in diagram.references]
    return "\n".join(lines)


def _rows(box: Box) -> list[str]:
    return [f"        {row.type.replace(' ', '_')} {row.name} {', '.join(row.marks)}".rstrip() for row in box.rows]
