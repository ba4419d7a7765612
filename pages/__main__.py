"""`python -m pages` writes everything that is generated."""

import logging

from .generated import left_over, new_texts

logging.disable(logging.CRITICAL)  # the reads behind the tables of messages would log every retry
for path, text in new_texts().items():
    path.write_text(text, encoding="utf-8")
for path in left_over():
    path.unlink()
