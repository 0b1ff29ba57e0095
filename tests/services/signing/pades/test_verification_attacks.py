"""Changes made by the holder of a valid key: each is rejected, for the right reason."""

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing import changes
from tests.services.signing.changes import Change
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere, time_stamped, updated

REASONS: dict[Change, InvalidityReason] = {
    changes.overlay: InvalidityReason.FILE_CHANGED,
    changes.free_text: InvalidityReason.FILE_CHANGED,
    changes.text_field: InvalidityReason.FIELDS_CHANGED,
    changes.second_stamp: InvalidityReason.FIELDS_CHANGED,
    changes.same_name: InvalidityReason.FIELDS_CHANGED,
    changes.nameless_field: InvalidityReason.FILE_UNREADABLE,
    changes.null_field: InvalidityReason.FILE_UNREADABLE,
    changes.moved_widget: InvalidityReason.FIELDS_CHANGED,
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


@pytest.mark.parametrize("key", ["name", "reason", "location", "contact_info"])
async def test_words_in_the_signature(
    at: tuple[TrustSettings, datetime], office: Credential, key: str
) -> None:
    pdf = await signed_elsewhere(issued(), office, meta={key: "Bộ Tài chính"})
    assert await reason(pdf, at) is InvalidityReason.SIGNATURE_WORDS


async def test_dates_and_producer_may_change(at: tuple[TrustSettings, datetime], office: Credential) -> None:
    pdf = await signed_elsewhere(issued(), office, change=changes.dates_and_producer)
    found = await verify(pdf, issued(), "office", *at, old_padding=False)
    assert found.certificate.fingerprint == office.fingerprint


async def test_certificate_of_a_server(pki: Pki, at: tuple[TrustSettings, datetime]) -> None:
    purposes = x509.Extension(
        ExtensionOID.EXTENDED_KEY_USAGE, True, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    )
    server = pki.credential("server", Holder("gov.vn", ("MST:1",)), kind="p256", purposes=purposes)
    pdf = await signed_elsewhere(issued(), server)
    assert await reason(pdf, at) is InvalidityReason.CERTIFICATE_USAGE


async def test_time_stamp_in_the_place_of_a_signature(
    office: Credential, at: tuple[TrustSettings, datetime]
) -> None:
    pdf = await time_stamped(issued(), office, "office")
    assert await reason(pdf, at) is InvalidityReason.SIGNATURE_INVALID


async def test_second_look_of_the_widget(at: tuple[TrustSettings, datetime], office: Credential) -> None:
    """While the pointer is over it, a viewer shows another picture. The signature covers that too."""
    for late in (changes.pressed_appearance, changes.states):
        pdf = await signed_elsewhere(issued(), office, late=late)
        assert await reason(pdf, at) is InvalidityReason.FIELDS_CHANGED
