"""The requests behind `check`: can this webhook read this portal's CRM?"""

import logging

from .portal import profile
from .portal.client import PortalClient
from .portal.errors import BadWebhook
from .portal.retry import retry

_PROBE = "crm.deal.fields"


def check_webhook(client: PortalClient, logger: logging.Logger) -> None:
    """Ask the portal for the fields of deals and for the webhook's user. Raises a PortalError if reading will not work.

    Warns if that user is no administrator.
    """
    retry(client, lambda: client.call(_PROBE))
    user = retry(client, lambda: client.call(profile.METHOD))
    if not isinstance(user, dict) or not user:
        raise BadWebhook(profile.METHOD, "its user is no longer active")
    profile.warn_of_missing_records(user, logger)
