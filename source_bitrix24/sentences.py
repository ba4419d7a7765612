"""What a user reads when a portal refuses or fails: what is wrong, and what to do."""

from .portal import errors as portal

_NEW_WEBHOOK = "make a new inbound webhook in Bitrix24 (Developer resources > Other > Inbound webhook)"
_SEE = ' (see "A certificate of your own authority" in docs/bitrix24.md)'
_TRY_LATER = "The next sync resumes where this one stopped."

_OF_THE_CRM = ["the CRM", '"CRM (crm)"']
_PERMISSIONS = (
    ("user.", "users", '"Users (user)"'),
    ("department.", "departments", '"Company structure (department)"'),
    ("voximplant.", "calls", '"Telephony (telephony)"'),
    ("tasks.", "tasks", '"Tasks (task)"'),
)
# the first class that matches decides
_SENTENCES: tuple[tuple[type[portal.PortalError], str], ...] = (
    (portal.BadWebhook, f"Bitrix24 does not accept this webhook: it is mistyped, was revoked or has expired, or its user was dismissed; {_NEW_WEBHOOK} and paste its URL here."),
    (portal.NotFound, "What this stream reads is not in the portal any more, such as a smart process that was deleted: check the portal, or refresh the schema of the connection."),
    (portal.NoRestOnThisPlan, "This portal's plan has no REST API: move it to a commercial plan, or start its trial, in Bitrix24."),
    (portal.NotConfirmed, "This call waits for a confirmation, or was refused one: ask an administrator to allow it in Bitrix24."),
    (portal.NoAccess, "The user of the webhook may not read this in Bitrix24: give that user the CRM right, or use an administrator's webhook."),
    (portal.PortalBlocked, "Bitrix24 has blocked this portal's REST API because of overload: ask Bitrix24 support to lift the block."),
    (portal.PortalGone, "This portal has been closed or deleted: check the address, or restore the portal in Bitrix24."),
    (portal.PortalMoved, "The portal redirects to an address that cannot be followed: open it in a browser, and paste the webhook URL with its new name."),
    (portal.HttpsRequired, "The portal wants https: paste the webhook URL with https:// in front."),
    (portal.NoSuchMethod, "This address does not know the CRM's methods: check the webhook URL; a self-hosted portal may need an update."),
    (portal.InItsOwnWords, "The portal refuses this call; the brackets hold its own words: check the rights of the webhook and of its user, or ask the portal's administrator."),
    (portal.NotAPortal, "This address does not answer like a Bitrix24 portal: check the webhook URL, and whether the web server passes /rest/ on to Bitrix24."),
    (portal.Barred, "Something in front of the portal, such as a firewall or a password of the web server, refuses the connector: let its requests to /rest/ pass."),
    (portal.LoginPage, "This address leads to a page where people log in: check the webhook URL, and let requests to /rest/ pass without a login."),
    (portal.ProxyRefused, "The proxy on the way to the portal refuses: check the name and password in HTTPS_PROXY, or ask its administrator to let requests to the portal pass."),
    (portal.NotTrusted, f"The portal's certificate is not trusted here: set REQUESTS_CA_BUNDLE to a file with the certificate of its authority{_SEE}."),
    (portal.WrongCertificate, "The portal's certificate is for another name: paste the webhook URL with the name in the certificate, or give the portal a certificate for this one."),
    (portal.ExpiredCertificate, "The portal's certificate has expired or is not valid yet: renew it on the portal's server, and check the clocks of both machines."),
    (portal.BadCaBundle, f"The file that REQUESTS_CA_BUNDLE names cannot be used: give its path inside the container, and let the container's user read it{_SEE}."),
    (portal.FilterNotUnderstood, "This portal does not find changed rows by their date, so changes would be missed: the stream was stopped, and its saved state stays as it was. Choose the sync mode Full refresh for it, without a start date, and check whether the portal can be updated."),
    (portal.TooManyRequests, f"Bitrix24 keeps rejecting requests (rate limit). Other programs on the same IP address share the limit: stop or slow them. {_TRY_LATER}"),
    (portal.OperatingTimeUsedUp, f"Bitrix24's server-time quota for this method is used up; it resets within ten minutes. Other programs use it too. {_TRY_LATER}"),
    (portal.TimedOut, f"The portal does not answer in time. {_TRY_LATER}"),
    (portal.Unreachable, f"The portal cannot be reached: check its address, and whether it opens in a browser. {_TRY_LATER}"),
    (portal.PortalFailed, f"The portal keeps failing: check whether it opens in a browser. {_TRY_LATER}"),
    (portal.BrokenPromise, "The portal returned inconsistent data, and the stream was stopped to avoid wrong rows: report this to the connector's maintainers."),
)  # fmt: skip
_OTHERWISE = "The portal refused a call for a reason that this connector does not know: report this to its maintainers."


def sentence_of(error: portal.PortalError) -> str:
    """Return what a user should read: what is wrong and what to do, with the portal's own words behind it."""
    sentence = next((sentence for kind, sentence in _SENTENCES if isinstance(error, kind)), _OTHERWISE)
    if isinstance(error, portal.MissingScope):
        what, permission = next(
            (words for begin, *words in _PERMISSIONS if error.method.startswith(begin)), _OF_THE_CRM
        )
        sentence = f"The webhook may not read {what}: edit it in Bitrix24 and grant it the permission {permission}."
    return f"{sentence} ({error})"
