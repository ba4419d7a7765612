"""The diagrams in the documentation: for each topic a picture, and the same as Mermaid."""

from pathlib import Path

from . import d2
from .diagram import Diagram, diagrams
from .mermaid import mermaid
from .references import keyed_tables

DOCS = Path(__file__).parent.parent / "docs"


def markdown() -> str:
    """A heading, a picture and collapsed Mermaid for each diagram."""
    return "\n\n".join(_section(diagram) for diagram in diagrams(keyed_tables()))


def pictures() -> dict[Path, str]:
    """The files of the pictures, and the D2 text that each is drawn from."""
    return {DOCS / _file_name(diagram): d2.d2_text(diagram) for diagram in diagrams(keyed_tables())}


def _section(diagram: Diagram) -> str:
    title = diagram.topic.title
    return f"""\
#### {title}

![{title}: tables and references]({_file_name(diagram)})

<details>
<summary>As Mermaid</summary>

```mermaid
{mermaid(diagram)}
```

</details>"""


def _file_name(diagram: Diagram) -> str:
    return f"er-diagram-{diagram.topic.name}.svg"
