"""`python -m pages` writes all generated parts."""

from .parts import PARTS

for part in PARTS:
    part.page.write_text(part.current(), encoding="utf-8")
