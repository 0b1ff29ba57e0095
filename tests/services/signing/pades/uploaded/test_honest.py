"""PDFs that offices' tools make of an issued form: each is accepted, and what is found about it is right."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms
from asn1crypto.core import OctetString
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.domain.certificate import match
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.uploaded.verdict import LookReason
from tests.services.signing import changes
from tests.services.signing.conftest import TAX_CODE
from tests.services.signing.pades.uploaded.conftest import Reason, Verify
from tests.services.signing.paper import issued
from tests.services.signing.signer import (
    edited,
    prepared,
    signed,
    signed_elsewhere,
    time_stamped,
    updated,
    with_content,
)

ACROBAT = {"subfilter": SigSeedSubFilter.ADOBE_PKCS7_DETACHED}
WORDS = {"reason": "Duyệt", "location": "Huế", "name": "Bộ Tài chính", "contact_info": "0912345678"}
UNSEEN = SigFieldSpec("Signature1")


async def test_our_own_preparation(verified: Verify, office: Credential) -> None:
    """Its stamp has a Vietnamese name, which is read from it."""
    verdict = await verified(await signed(issued(), office))
    (found,) = verdict.signatures
    assert found.holder == "Sở Tài chính tỉnh Hà Giang"
    assert match(found.certificate, TAX_CODE, None) == "tax_code"
    assert not verdict.looks


@pytest.mark.parametrize("place", [None, UNSEEN])
@pytest.mark.parametrize(
    "meta", [{}, ACROBAT, {"reason": "Duyệt", "location": "Huế", "name": "Bộ Tài chính"}]
)
async def test_shapes_of_tools(
    verified: Verify, school: Credential, place: SigFieldSpec | None, meta: Mapping[str, Any]
) -> None:
    """In the issued field or in a field of the tool's own. Words of the tool are allowed, but never shown."""
    field = place.sig_field_name if place else "office"
    pdf = await signed_elsewhere(issued(), school, field, place=place, meta=meta)
    (found,) = (await verified(pdf)).signatures
    assert found.holder == "TRUONG THPT DONG VAN"
    assert found.certificate.fingerprint == school.fingerprint
    assert found.stated_at is not None


async def test_without_a_stated_time(verified: Verify, office: Credential) -> None:
    pdf = await edited(await prepared(issued(), office), office, b"/M (D", b"/m (D")
    (found,) = (await verified(pdf)).signatures
    assert found.stated_at is None


async def test_dates_producer_and_ids_may_change(verified: Verify, school: Credential) -> None:
    pdf = await signed_elsewhere(issued(), school, change=changes.dates_and_producer)
    assert len((await verified(pdf)).signatures) == 1


async def test_signed_by_two_people(verified: Verify, school: Credential, director: Credential) -> None:
    """Both are found, in the order of signing; that one is the office's is enough, for the caller."""
    first = await signed_elsewhere(issued(), director, "Signature1", place=UNSEEN)
    both = await signed_elsewhere(first, school, "Signature2", place=SigFieldSpec("Signature2"))
    verdict = await verified(both)
    assert [found.holder for found in verdict.signatures] == ["NGUYEN VAN A", "TRUONG THPT DONG VAN"]
    matches = [match(found.certificate, TAX_CODE, None) for found in verdict.signatures]
    assert matches == ["review", "tax_code"]
    (alone,) = (await verified(first)).signatures
    assert match(alone.certificate, TAX_CODE, None) == "review"


async def test_time_stamp_is_nobodys_signature(verified: Verify, reason: Reason, school: Credential) -> None:
    pdf = await time_stamped(await signed_elsewhere(issued(), school), school)
    assert [found.holder for found in (await verified(pdf)).signatures] == ["TRUONG THPT DONG VAN"]
    assert await reason(await time_stamped(issued(), school)) == "signature_count"
    assert await reason(await time_stamped(issued(), school, "office")) == "signature_count"


@pytest.mark.parametrize("trusted", [True, False])
async def test_time_stamp_in_a_signature(
    verified: Verify, pki: Pki, school: Credential, trusted: bool
) -> None:
    """Whoever stamped its time, known to us or not, the signature is the office's."""
    authority = pki.credential("tsa", Holder("TSA"), trusted=trusted)
    pdf = await signed_elsewhere(issued(), school, authority=authority)
    later = await time_stamped(pdf, authority)
    assert [len((await verified(each)).signatures) for each in (pdf, later)] == [1, 1]


async def test_revocation_data_may_follow(verified: Verify, school: Credential) -> None:
    pdf = await with_revocation_data(await signed_elsewhere(issued(), school))
    stamped = await time_stamped(pdf, school)
    for each in (pdf, stamped, await with_revocation_data(stamped)):
        assert len((await verified(each)).signatures) == 1


async def with_revocation_data(pdf: bytes) -> bytes:
    out = BytesIO(pdf)
    *_, last = PdfFileReader(BytesIO(pdf)).embedded_signatures
    content = last.sig_object.raw_get("/Contents").original_bytes
    DocumentSecurityStore.add_dss(out, content, certs=[last.signer_cert])
    return out.getvalue()


@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
async def test_certified_with_further_signatures_allowed(
    verified: Verify, school: Credential, director: Credential, level: MDPPerm
) -> None:
    meta = {"certify": True, "docmdp_permissions": level}
    pdf = await signed_elsewhere(issued(), school, meta=meta)
    second = await signed_elsewhere(pdf, director, "Signature1", place=UNSEEN)
    assert [len((await verified(each)).signatures) for each in (pdf, second)] == [1, 2]


async def test_certified_without_further_signatures(reason: Reason, school: Credential) -> None:
    meta = {"certify": True, "docmdp_permissions": MDPPerm.NO_CHANGES}
    assert await reason(await signed_elsewhere(issued(), school, meta=meta)) == "file_locked"


async def test_lock_on_the_vendors_field(verified: Verify, reason: Reason, school: Credential) -> None:
    form = issued("office", "vendor")
    for fields, locked in ((["vendor"], True), (["Signature1"], False)):
        lock = FieldMDPSpec(FieldMDPAction.INCLUDE, fields)
        place = SigFieldSpec("Signature1", field_mdp_spec=lock)
        pdf = await signed_elsewhere(form, school, "Signature1", place=place)
        if locked:
            assert await reason(pdf, form) == "file_locked"
        else:
            assert len((await verified(pdf, form)).signatures) == 1


async def test_certificate_that_was_not_signed(verified: Verify, reason: Reason, office: Credential) -> None:
    """Old tools leave it out of PKCS#7 signatures: a person looks. PAdES requires it."""
    pades, acrobat = b"/ETSI.CAdES.detached", b"/adbe.pkcs7.detached"
    ready, bare = await prepared(issued(), office), frozenset({"signing_certificate_v2"})
    assert (await verified(await edited(ready, office, pades, acrobat))).looks == ()
    pdf = await edited(ready, office, pades, acrobat, drop=bare)
    assert (await verified(pdf)).looks == (LookReason.CERTIFICATE_NOT_SIGNED,)
    pdf = await edited(ready, office, b"/M (D", b"/m (D", drop=bare)
    assert await reason(pdf) == "signature_invalid"


async def test_worker_process(deferred_signer: DeferredSigner, office: Credential, moment: Any) -> None:
    """The verdict comes back from the process that reads PDFs."""
    verdict = await deferred_signer.judge_upload(await signed(issued(), office), issued(), "office", moment)
    assert verdict.signatures[0].certificate.fingerprint == office.fingerprint


def repeat_certificate(_: cms.SignerInfo, content: cms.SignedData) -> None:
    certificates = list(content["certificates"])
    content["certificates"] = cms.CertificateSet([*certificates, certificates[0]])


def add_attribute(signer: cms.SignerInfo, _: cms.SignedData) -> None:
    extra = cms.CMSAttribute({"type": "1.2.3.4", "values": [OctetString(b"x")]})
    signer["unsigned_attrs"] = cms.CMSAttributes([extra])


def turn_value(signer: cms.SignerInfo, _: cms.SignedData) -> None:
    """The other valid value of an ECDSA signature, which needs no key."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = decode_dss_signature(signer["signature"].native)
    signer["signature"] = encode_dss_signature(r, order - s)


@pytest.mark.parametrize("change", [repeat_certificate, add_attribute, turn_value])
async def test_signature_keeps_its_identity(
    verified: Verify, director: Credential, change: Callable[[cms.SignerInfo, cms.SignedData], None]
) -> None:
    """Bytes that no signature covers can be changed by anybody: the file's hash identifies nothing."""
    pdf = await signed_elsewhere(issued(), director)
    touched = with_content(pdf, change)
    assert touched != pdf
    (one,), (other,) = (await verified(pdf)).signatures, (await verified(touched)).signatures
    assert one.identity == other.identity
    again = await verified(await signed_elsewhere(issued(), director))
    assert again.signatures[0].identity != one.identity


async def test_revision_without_a_signature(verified: Verify, school: Credential) -> None:
    """A revision without a signature that changes only dates is nothing: viewers write such."""
    pdf = updated(await signed_elsewhere(issued(), school), changes.dates_and_producer)
    assert len((await verified(pdf)).signatures) == 1
