"""Uploads that hold more than signatures, made by the holder of a valid key: each is rejected."""

from contextlib import nullcontext
from datetime import datetime, timedelta

import pytest
from pyhanko.sign.fields import SigFieldSpec

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.rejection import InvalidityReason, Rejected
from tests.services.signing import changes, forgeries
from tests.services.signing.changes import Change
from tests.services.signing.pades.uploaded.conftest import Reason, Verify
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed_elsewhere, updated

REASONS: dict[Change, InvalidityReason] = {
    changes.overlay: InvalidityReason.FILE_CHANGED,
    changes.free_text: InvalidityReason.FILE_CHANGED,
    changes.text_field: InvalidityReason.FILE_CHANGED,
    changes.second_stamp: InvalidityReason.FIELDS_CHANGED,
    changes.same_name: InvalidityReason.FILE_CHANGED,
    changes.nameless_field: InvalidityReason.FILE_UNREADABLE,
    changes.null_field: InvalidityReason.FILE_UNREADABLE,
    changes.moved_widget: InvalidityReason.FILE_CHANGED,
    changes.hidden_widget: InvalidityReason.FIELD_HIDDEN,
    changes.widget_for_screens_only: InvalidityReason.FIELD_HIDDEN,
    changes.info_title: InvalidityReason.METADATA_CHANGED,
    changes.info_author: InvalidityReason.METADATA_CHANGED,
    changes.info_subject: InvalidityReason.METADATA_CHANGED,
    changes.xmp_title: InvalidityReason.METADATA_CHANGED,
    changes.xmp_creator: InvalidityReason.METADATA_CHANGED,
    changes.xmp_description: InvalidityReason.METADATA_CHANGED,
    changes.open_action: InvalidityReason.FILE_CHANGED,
    changes.xfa: InvalidityReason.FILE_CHANGED,
    changes.permissions: InvalidityReason.FILE_CHANGED,
}
each_change = pytest.mark.parametrize("change", REASONS, ids=lambda change: change.__name__)


@each_change
async def test_before_signing(reason: Reason, office: Credential, change: Change) -> None:
    """A revision with the change, then a correct signature over all of it."""
    pdf = await signed_elsewhere(updated(issued(), change), office)
    assert await reason(pdf) in {REASONS[change], InvalidityReason.FILE_CHANGED}


@each_change
async def test_together_with_signing(reason: Reason, office: Credential, change: Change) -> None:
    assert await reason(await signed_elsewhere(issued(), office, change=change)) is REASONS[change]


@each_change
async def test_after_signing(reason: Reason, office: Credential, change: Change) -> None:
    pdf = updated(await signed_elsewhere(issued(), office), change)
    assert await reason(pdf) in {REASONS[change], InvalidityReason.FILE_CHANGED}


@each_change
async def test_beside_a_field_of_the_tool(reason: Reason, office: Credential, change: Change) -> None:
    place = SigFieldSpec("Signature1")
    pdf = await signed_elsewhere(issued(), office, "Signature1", place=place, late=change)
    assert await reason(pdf) in {REASONS[change], InvalidityReason.FILE_CHANGED}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changes.field_with_an_action, InvalidityReason.FIELDS_CHANGED),
        (changes.field_with_a_hidden_widget, InvalidityReason.FIELD_HIDDEN),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
async def test_field_that_is_more_than_a_signature(
    reason: Reason, office: Credential, change: Change, expected: InvalidityReason
) -> None:
    """The tool's own field, filled in the same revision."""
    pdf = await signed_elsewhere(issued(), office, "tool", change=change)
    assert await reason(pdf) is expected


@pytest.mark.parametrize("late", [changes.pressed_appearance, changes.states, changes.two_widgets])
async def test_second_look_of_a_signature(reason: Reason, office: Credential, late: Change) -> None:
    pdf = await signed_elsewhere(issued(), office, "tool", change=changes.field, late=late)
    assert await reason(pdf) in {InvalidityReason.FIELDS_CHANGED, InvalidityReason.FILE_CHANGED}


async def test_certificates_that_sign_nothing(reason: Reason, pki: Pki) -> None:
    stranger = pki.credential("stranger", Holder("Bo Tai chinh", ("MST:1",)), kind="p256", trusted=False)
    short = pki.credential("short", Holder("Bo Tai chinh", ("MST:1",)), kind="rsa1024")
    assert await reason(await signed_elsewhere(issued(), stranger)) == "certificate_untrusted"
    assert await reason(await signed_elsewhere(issued(), short)) == "certificate_weak"


@pytest.mark.parametrize(("minutes", "refused"), [(4, False), (6, True), (60 * 24 * 365 * 70, True)])
async def test_clock_of_the_computer_that_signs(
    verified: Verify, office: Credential, moment: datetime, minutes: int, refused: bool
) -> None:
    """Guards against: what is judged later is judged as of a time that the signer made up."""
    stated = moment + timedelta(minutes=minutes)
    pdf = await signed_elsewhere(issued(), office, stated=stated)
    with pytest.raises(Rejected, match="signature_in_future") if refused else nullcontext():
        (found,) = (await verified(pdf)).signatures
        assert found.stated_at == stated


@pytest.mark.parametrize("key", ["/Certs", "/OCSPs", "/CRLs", "/VRI"])
async def test_damaged_security_store(reason: Reason, office: Credential, key: str) -> None:
    """Guards against: what the vendor's seal and newer proof must add to can't be read."""
    pdf = updated(await signed_elsewhere(issued(), office), changes.damaged_store(key))
    assert await reason(pdf) is InvalidityReason.FILE_EVIDENCE_DAMAGED


@pytest.mark.parametrize(("key", "forge"), forgeries.UNUSABLE.values(), ids=forgeries.UNUSABLE)
async def test_security_store_that_nobody_can_use(
    reason: Reason, office: Credential, key: str, forge: forgeries.Forge
) -> None:
    """Guards against: what can be parsed and not used keeps the file from being sealed and proved."""
    store = changes.store_of(key, forge(office.chain[0]))
    pdf = updated(await signed_elsewhere(issued(), office), store)
    assert await reason(pdf) is InvalidityReason.FILE_EVIDENCE_DAMAGED


@pytest.mark.parametrize(("times", "refused"), [(100, False), (101, True)])
async def test_size_of_a_security_store(
    verified: Verify, office: Credential, times: int, refused: bool
) -> None:
    """Guards against: so many entries that a report doesn't come to those of the vendor's seal."""
    store = changes.store_of("/OCSPs", forgeries.strange_response(office.chain[0]), times)
    pdf = updated(await signed_elsewhere(issued(), office), store)
    with pytest.raises(Rejected, match="file_too_complex") if refused else nullcontext():
        await verified(pdf)
