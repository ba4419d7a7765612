"""The requests behind `check`: can this webhook read this portal's CRM?"""

import logging
from collections.abc import Sequence

from .catalog.discovered import allowed_tables, tables_without_permission
from .catalog.table import Scanned, Table
from .portal import profile
from .portal.client import PortalClient
from .portal.errors import BadWebhook, PortalError, TimedOut, TooManyRequests, Unreachable
from .portal.keyset import Span, chain_pages
from .portal.retry import retry

_PROBE = "crm.deal.fields"


def check_webhook(client: PortalClient, tables: Sequence[Table], logger: logging.Logger) -> None:
    """Ask the portal for the fields of deals and for the webhook's user. Raises a PortalError if reading will not work.

    Warns if deals cannot be read, though another of the tables can, and if the user is no administrator.
    """
    try:
        retry(client, lambda: client.call(_PROBE))
    except (Unreachable, TimedOut, TooManyRequests):
        raise
    except PortalError as error:
        readable = _readable_table(client, tables)
        if not readable:
            raise
        logger.warning("Deals cannot be read, other tables such as %s can: %s", readable, error)
    try:
        user = retry(client, lambda: client.call(profile.METHOD))
    except PortalError as error:
        logger.warning("The portal does not say who the webhook's user is, nor what that user may see: %s", error)
        return
    if user in ([], {}):  # P13.1
        raise BadWebhook(profile.METHOD, "its user is no longer active")
    profile.warn_of_missing_records(user, logger)
    _say_what_can_be_read(client, tables, logger)


def _say_what_can_be_read(client: PortalClient, tables: Sequence[Table], logger: logging.Logger) -> None:
    """Log which scopes of the tables the webhook has, if the portal says so."""
    try:
        granted = retry(client, lambda: client.call(profile.SCOPE))
    except PortalError as error:
        logger.warning("The portal does not say what the webhook may read: %s", error)
        return
    scopes = profile.granted_scopes(granted)
    if scopes is None:
        logger.warning("The portal does not say what the webhook may read: %s is no list", profile.SCOPE)
        return
    missing = tables_without_permission(scopes)
    more = f" For further ones it needs permissions: {missing}." if missing else ""
    text = "The webhook can read %d of %d tables, and the smart processes of the portal.%s"
    logger.info(text, len(allowed_tables(scopes)), len(tables), more)


def _readable_table(client: PortalClient, tables: Sequence[Table]) -> str:
    """Return the name of a table, not of deals, whose list the portal gives; "" if there is none."""
    of_deals = _PROBE.rpartition(".")[0]
    for table in tables:
        if isinstance(table, Scanned) and not table.method.startswith(of_deals):
            command = chain_pages(table.listing, Span(), 1)["p0"]
            try:
                client.direct(command)
            except (Unreachable, TimedOut):
                return ""
            except PortalError:
                continue
            return table.name
    return ""
