import pytest

from source_bitrix24.portal import errors
from source_bitrix24.portal.errors import error_from_code


@pytest.mark.parametrize(
    ("code", "text", "status", "kind"),
    [
        ("INVALID_CREDENTIALS", "Invalid request credentials", 401, errors.BadWebhook),
        ("INVALID_CREDENTIALS", "Invalid request credentials", 403, errors.BadWebhook),
        ("NO_AUTH_FOUND", "Wrong authorization data", 401, errors.BadWebhook),
        ("authorization_error", "Unable to authorize user", 401, errors.BadWebhook),
        ("insufficient_scope", "", 200, errors.MissingScope),
        ("", "The current method required more scopes. (crm)", 400, errors.MissingScope),
        ("ACCESS_DENIED", "REST is available only on commercial plans.", 401, errors.NoRestOnThisPlan),
        ("ACCESS_DENIED", "REST API is available only by subscription.", 403, errors.NoRestOnThisPlan),
        ("ACCESS_DENIED", "You do not have permission to view this item", 400, errors.NoAccess),
        ("", "Access denied.", 400, errors.NoAccess),
        (0, "Access denied.", 400, errors.NoAccess),
        (200040300010, "Access denied", 400, errors.NoAccess),
        ("OVERLOAD_LIMIT", "REST API is blocked due to overload.", 503, errors.PortalBlocked),
        ("PORTAL_DELETED", "Portal was deleted", 500, errors.PortalGone),
        ("INVALID_REQUEST", "Https required.", 401, errors.HttpsRequired),
        ("ERROR_METHOD_NOT_FOUND", "Method not found!", 404, errors.NoSuchMethod),
        ("QUERY_LIMIT_EXCEEDED", "Too many requests", 503, errors.TooManyRequests),
        ("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429, errors.OperatingTimeUsedUp),
        ("INTERNAL_SERVER_ERROR", "Internal server error", 500, errors.PortalFailed),
        ("ERROR_CORE", "SQL query error!", 500, errors.PortalFailed),
        ("NEW_KIND_OF_BREAKDOWN", "", 502, errors.PortalFailed),
        ("", "Not found.", 400, errors.NotFound),
        ("", "not found", 400, errors.NotFound),
        ("NOT_FOUND", "Element not found", 400, errors.NotFound),
        ("ERROR_NOT_FOUND", "Not found", 400, errors.NotFound),
        ("ERROR_NOT_FOUND", "", 404, errors.NotFound),
        ("ERROR_CORE", "Not found", 400, errors.PortalFailed),
        ("ERROR_CORE", "Access denied.", 400, errors.NoAccess),
        ("ERROR_CORE", "Access denied. Try again later", 400, errors.PortalFailed),
        ("ERROR_CORE", "Table 'b_crm_product_row' not found", 400, errors.PortalFailed),
        ("ERROR_CORE", "Access to the entity is denied", 403, errors.InItsOwnWords),
        ("", "Table 'b_crm_product_row' not found", 400, errors.InItsOwnWords),
        ("", "Deal with ID 5 is not found", 400, errors.InItsOwnWords),
        ("0", "Not found", 400, errors.InItsOwnWords),
        (0, "Insufficient permissions", 400, errors.InItsOwnWords),
        ("", "Недостаточно прав", 403, errors.InItsOwnWords),
        ("", "Требуется авторизация", 401, errors.InItsOwnWords),
        ("", "", 404, errors.InItsOwnWords),
        ("", "Something went wrong inside the portal.", 200, errors.InItsOwnWords),
        ("", "Something went wrong inside the portal.", 500, errors.PortalFailed),
        ("", "Slow down", 429, errors.OperatingTimeUsedUp),
        ("Forbidden", "Nobody knows", 403, errors.InItsOwnWords),
        ("SOMETHING_NEW", "Not found", 404, errors.Unexpected),
        ("", "Access denied to the log file", 400, errors.InItsOwnWords),
        ("", "The current method required more scopes. (crm, <b>)", 400, errors.InItsOwnWords),
        ("ACCESS_DENIED", "Access denied. REST is available only on commercial plans.", 401, errors.NoAccess),
        ("INVALID_ARG_VALUE", "Invalid filter: field 'x' is not allowed in filter", 400, errors.BadArgument),
        ("SOMETHING_NEW", "Nobody knows", 400, errors.Unexpected),
    ],
)
def test_the_code_decides_the_error_and_where_it_is_ambiguous_the_whole_text(
    code: object, text: str, status: int, kind: type[errors.PortalError]
) -> None:
    assert type(error_from_code("crm.deal.list", code, text, status)) is kind


@pytest.mark.parametrize(
    ("code", "status", "more_tries"),
    [
        ("INVALID_CREDENTIALS", 401, 2),
        ("INVALID_CREDENTIALS", 403, 2),
        ("expired_token", 200, 2),
        ("insufficient_scope", 401, 2),
        ("insufficient_scope", 403, 0),
        ("SOMETHING_NEW", 401, 2),
        ("", 400, 2),
        ("ACCESS_DENIED", 403, 0),
        ("ERROR_METHOD_NOT_FOUND", 404, 0),
    ],
)
def test_what_may_pass_after_a_moment_is_worth_a_few_tries(code: str, status: int, more_tries: int) -> None:
    assert error_from_code("crm.deal.list", code, "Some text", status).more_tries == more_tries


def test_an_unknown_code_stays_readable() -> None:
    error = error_from_code("crm.deal.list", "SOMETHING_NEW", "Nobody knows")
    assert str(error) == "crm.deal.list: [SOMETHING_NEW] Nobody knows"


def test_an_error_without_code_and_text_shows_its_class() -> None:
    assert str(errors.TimedOut("batch")) == "batch: TimedOut"
    assert str(errors.Unreachable("", "no connection")) == "no connection"
