"""Twists of the accounts of operating time (P7)."""

from ..app import App
from ..limits import BatchAccount
from .twist import twist


@twist("A batch is charged as a whole, to the method `batch`.")
def batches_are_charged_by_method(app: App) -> None:
    """As on the newest portals."""
    app.limits.operating.batch_account = BatchAccount.BATCH


@twist("Direct calls are charged to the account of batches.")
def direct_calls_have_their_own_account(app: App) -> None:
    """One account for both."""
    app.limits.operating.shares_direct_calls = True
