"""The sentences that users read when something goes wrong."""

import re
from collections.abc import Iterator

import pytest

from source_bitrix24.portal import errors
from source_bitrix24.sentences import sentence_of


def kinds(base: type[errors.PortalError]) -> Iterator[type[errors.PortalError]]:
    """Yield all kinds of error below one that can happen: those with kinds below them only if they have codes."""
    for kind in base.__subclasses__():
        if not kind.__subclasses__() or kind in errors.PortalError.by_code.values():
            yield kind
        yield from kinds(kind)


EVERY_KIND = sorted(kinds(errors.PortalError), key=lambda kind: kind.__name__)
UNEXPLAINED = (errors.BadArgument, errors.Unexpected)
IN_THE_PORTALS_WORDS = "crm.deal.list: [ITS_CODE] The portal's own words"
SOMETHING_TO_DO = re.compile(
    r"\b(make|edit|grant|move|give|ask|check|restore|open|paste|let|renew|report|set)\b"
    r"|The next sync resumes where this one stopped"
)


def error_of(kind: type[errors.PortalError]) -> errors.PortalError:
    return kind("crm.deal.list", "The portal's own words", "ITS_CODE")


def test_all_kinds_of_errors_are_found() -> None:
    assert len(EVERY_KIND) >= 16
    assert {errors.BadWebhook, errors.TimedOut, errors.PortalFailed, errors.NotFound} < set(EVERY_KIND)


@pytest.mark.parametrize("kind", [*EVERY_KIND, errors.Unexpected])
def test_every_failure_says_what_to_do_and_quotes_the_portal(kind: type[errors.PortalError]) -> None:
    ours, _, theirs = sentence_of(error_of(kind)).partition(f" ({IN_THE_PORTALS_WORDS})")
    assert re.fullmatch(r"[A-Z].*\.", ours)
    assert SOMETHING_TO_DO.search(ours)
    assert theirs == ""


def test_each_error_that_a_user_can_act_on_has_its_own_sentence() -> None:
    sentences = {kind: sentence_of(error_of(kind)) for kind in EVERY_KIND if kind not in UNEXPLAINED}
    assert len(set(sentences.values())) == len(sentences)
    assert sentence_of(error_of(errors.Unexpected)) not in sentences.values()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (errors.BadWebhook, "make a new inbound webhook in Bitrix24"),
        (errors.MissingScope, 'grant it the permission "CRM (crm)"'),
        (errors.NoRestOnThisPlan, "move it to a commercial plan"),
        (errors.NoAccess, "give that user the CRM right"),
        (errors.NotConfirmed, "ask an administrator to allow it"),
        (errors.PortalBlocked, "ask Bitrix24 support"),
        (errors.HttpsRequired, "paste the webhook URL with https://"),
        (errors.TimedOut, "does not answer in time"),
        (errors.BrokenPromise, "report this to the connector's maintainers"),
    ],
)
def test_the_sentence_fits_the_kind(kind: type[errors.PortalError], words: str) -> None:
    assert words in sentence_of(error_of(kind))
