"""Changes made by the holder of a valid key: each is rejected, for the right reason."""

from datetime import datetime

import pytest

from deploy.local.people.pki import Credential
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing import changes
from tests.services.signing.changes import Change
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere, updated

REASONS: dict[Change, InvalidityReason] = {
    changes.overlay: InvalidityReason.FILE_CHANGED,
    changes.free_text: InvalidityReason.FILE_CHANGED,
    changes.text_field: InvalidityReason.FIELDS_CHANGED,
    changes.second_stamp: InvalidityReason.FIELDS_CHANGED,
    changes.same_name: InvalidityReason.FIELDS_CHANGED,
    changes.nameless_field: InvalidityReason.FILE_UNREADABLE,
    changes.null_field: InvalidityReason.FILE_UNREADABLE,
    changes.moved_widget: InvalidityReason.FIELDS_CHANGED,
    changes.open_action: InvalidityReason.FILE_CHANGED,
    changes.xfa: InvalidityReason.FILE_CHANGED,
}
each_change = pytest.mark.parametrize("change", REASONS, ids=lambda change: change.__name__)


@pytest.fixture
def at(trust: TrustSettings, moment: datetime) -> tuple[TrustSettings, datetime]:
    return trust, moment


async def reason(pdf: bytes, at: tuple[TrustSettings, datetime]) -> InvalidityReason:
    """Why the file is rejected when it is compared with the issued form."""
    with pytest.raises(Rejected) as refused:
        await verify(pdf, issued(), "office", *at, old_padding=False)
    return refused.value.reason


@each_change
async def test_before_signing(at: tuple[TrustSettings, datetime], office: Credential, change: Change) -> None:
    """A revision with the change, then a correct signature over all of it."""
    pdf = await signed_elsewhere(updated(issued(), change), office)
    assert await reason(pdf, at) is InvalidityReason.FILE_CHANGED


@each_change
async def test_together_with_signing(
    at: tuple[TrustSettings, datetime], office: Credential, change: Change
) -> None:
    """The change and the signature are in one revision, so counting revisions shows nothing."""
    pdf = await signed_elsewhere(issued(), office, change=change)
    assert await reason(pdf, at) is REASONS[change]


@each_change
async def test_after_signing(at: tuple[TrustSettings, datetime], office: Credential, change: Change) -> None:
    pdf = updated(await signed(issued(), office), change)
    assert await reason(pdf, at) is InvalidityReason.FILE_CHANGED


async def test_field_planted_in_the_form_and_filled(
    at: tuple[TrustSettings, datetime], office: Credential
) -> None:
    """Even a form of ours that had a text field from the start accepts nothing but the signature."""
    form = updated(issued(), changes.text_field)
    pdf = await signed_elsewhere(form, office, change=changes.fill_text_field)
    with pytest.raises(Rejected) as refused:
        await verify(pdf, form, "office", *at, old_padding=False)
    assert refused.value.reason is InvalidityReason.FIELDS_CHANGED
