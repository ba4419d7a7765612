"""The webhook: its address, and whether the portal accepts it (P7.7, P7.8)."""

import re

from .methods import METHODS
from .registry import RestError

PATH = re.compile(r"/rest/(?P<user>\d+)/(?P<token>[^/]+)/(?P<method>[\w.]+?)(?:\.json|\.xml)?/?")
SAMPLE_TOKEN = "emu1ator0webh00k"  # noqa: S105  # opens nothing but this program


class Webhook:
    """An inbound webhook.

    `refusal`: the error that answers every request. `may_not_read`: the objects and methods that its user may not read.
    `refuses`: the error of a method, or of one call of it (`crm.deal.productrows.get?id=500`).
    """

    def __init__(self, user: int, token: str) -> None:
        self.user = user
        self.token = token
        self.refusal: RestError | None = None
        self.may_not_read: set[str] = set()
        self.refuses: dict[str, RestError] = {}

    def check(self, path: "re.Match[str] | None") -> str:
        """The method that a path names. Raises RestError; an unknown method is found before a wrong token (P7.8)."""
        name = path["method"].lower() if path else ""
        if path is None or (name != "batch" and name not in METHODS):
            raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
        if (int(path["user"]), path["token"]) != (self.user, self.token):
            raise RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)
        if self.refusal:
            raise self.refusal
        return name

    def check_access(self, method: str, reads: str, record: object) -> None:
        """Raise the RestError of a call that this webhook's user may not make."""
        if {reads, method} & self.may_not_read:
            raise RestError("", "Access denied.")  # P2.19
        for call in (method, f"{method}?id={record}"):
            if call in self.refuses:
                raise self.refuses[call]
