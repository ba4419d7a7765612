"""The questions behind `check`: can this webhook read this portal's CRM?"""

import logging

from .portal.client import PortalClient
from .portal.errors import BadWebhook

_PROBE = "crm.deal.fields"


def check_webhook(client: PortalClient, logger: logging.Logger) -> None:
    """Ask the portal. Raises a PortalError if reading will not work.

    Warns where the webhook's user is no administrator: the portal then leaves out, without a word, what that user may not
    see (P2.19).
    """
    client.patiently(lambda: client.call(_PROBE))
    user = client.patiently(lambda: client.call("profile"))
    if not isinstance(user, dict) or not user:
        raise BadWebhook("profile", "its user is no longer active")
    if user.get("ADMIN") is not True:
        logger.warning(
            "The webhook's user is not an administrator of the portal. Records which this user may not see will be missing, "
            "without an error. Use a webhook that an administrator has made."
        )
