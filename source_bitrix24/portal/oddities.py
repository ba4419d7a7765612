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
            log.warning(
                "%s: %d rows were empty or had no ID in the portal's answer and are left out; all others are read.",
                what,
                self.rows,
            )
        if self.texts:
            log.warning("%s: %d texts held bytes that are no UTF-8; question marks stand for them.", what, self.texts)
        if self.undated:
            log.warning(
                "%s: %d parents came without a date, so their rows have none; all rows are there.", what, self.undated
            )
        self.rows = self.texts = self.undated = 0
