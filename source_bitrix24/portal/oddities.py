"""What a list held that is no row or no text: it costs itself, and the log says how many there were."""

import logging

log = logging.getLogger("bitrix24")


class Oddities:
    """Counts for the log. `rows`: entries that are no row; `texts`: texts that were repaired;
    `undated`: parents without a date.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.texts = 0
        self.undated = 0

    def add(self, other: "Oddities") -> None:
        """Count what `other` has counted too."""
        self.rows += other.rows
        self.texts += other.texts
        self.undated += other.undated

    def tell(self, what: str) -> None:
        """Log what has been counted since the last time; `what`: the table or method."""
        if self.rows:
            text = "%s: left out %s that had no ID in the portal's answer. All others are read."
            log.warning(text, what, counted(self.rows, "row"))
        if self.texts:
            text = "%s: %s held bytes that are no UTF-8; question marks stand for them."
            log.warning(text, what, counted(self.texts, "text"))
        if self.undated:
            text = "%s: %s came without a date; so do the rows, which are all there."
            log.warning(text, what, counted(self.undated, "parent"))
        self.rows = self.texts = self.undated = 0


def counted(number: int, noun: str) -> str:
    """Return "1 row", "2 rows"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
