import logging
from typing import Any

import pytest

from source_bitrix24.portal.profile import (
    NOT_AN_ADMINISTRATOR,
    granted_scopes,
    is_administrator,
    warn_of_missing_records,
)

LOG = logging.getLogger("test")


@pytest.mark.parametrize(
    ("profile", "is_one", "warns"),
    [
        ({"ID": "1", "ADMIN": True}, True, False),
        ({"ID": "1", "ADMIN": False}, False, True),
        ({"ID": "1"}, False, True),
        ({"ID": "1", "ADMIN": "true"}, False, True),
        ([], False, False),
        ({}, False, False),
        (None, False, False),
        ("ADMIN", False, False),
    ],
    ids=str,
)
def test_a_user_may_read_everything_only_where_the_portal_says_so(
    profile: Any, is_one: bool, warns: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert is_administrator(profile) is is_one
    warn_of_missing_records(profile, LOG)
    assert caplog.messages == [NOT_AN_ADMINISTRATOR] * warns


@pytest.mark.parametrize(
    ("result", "scopes"),
    [
        (["crm", "user"], {"crm", "user"}),
        ([], set()),
        (["crm", 1], {"crm", "1"}),
        (False, None),
        (None, None),
        ("crm", None),
    ],
    ids=["two", "none", "a number", "false", "null", "a text"],
)
def test_scopes_are_known_where_the_portal_lists_them(result: Any, scopes: set[str] | None) -> None:
    assert granted_scopes(result) == scopes
