"""The requests behind `check`: can this webhook read this portal's CRM?"""

import logging

from .portal.client import PortalClient
from .portal.errors import BadWebhook
from .portal.retry import retry

_PROBE = "crm.deal.fields"


def check_webhook(client: PortalClient, logger: logging.Logger) -> None:
    """Ask the portal for the fields of deals and for the webhook's user. Raises a PortalError if reading will not work.

    Warns if that user is no administrator: the portal then leaves out, without an error, what the user may not see (P2.19).
    """
    retry(client, lambda: client.call(_PROBE))
    user = retry(client, lambda: client.call("profile"))
    if not isinstance(user, dict) or not user:
        raise BadWebhook("profile", "its user is no longer active")
    if user.get("ADMIN") is not True:
        logger.warning(
            "The webhook's user is not an administrator of the portal. Records that this user may not see will be missing, "
            "without an error. Use a webhook that an administrator has created."
        )
