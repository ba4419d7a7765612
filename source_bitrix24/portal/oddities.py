"""What a list held that is no row or no text: it costs itself, and the log says how many there were."""

import logging

log = logging.getLogger("bitrix24")


class Oddities:
    """Counts for the log. `rows`: entries that are no row; `texts`: texts that were repaired."""

    def __init__(self) -> None:
        self.rows = 0
        self.texts = 0

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
        self.rows = self.texts = 0
