"""Versions with newer proof: B-LTA by the file and our root alone, whatever the file was before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from fastapi import Request, Response
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec

from deploy.local.people.pki import Credential, Pki
from services.signing.domain.level import SignatureLevel
from services.signing.pades.long_term.evidence import NoTimeStamp
from services.signing.pades.long_term.extension import ExtendedPdf
from services.signing.pades.long_term.preserver import Preserver
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.verification import verify
from tests.services.signing import changes, forgeries
from tests.services.signing.evidence.conftest import AT, MakeSigner, sign
from tests.services.signing.evidence.judge import is_archival
from tests.services.signing.evidence.responders import STAMPING, Responders, saying
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere, updated

YEAR = timedelta(days=365)


@pytest.fixture
def preserver(make_signer: MakeSigner) -> Preserver:
    return Preserver(make_signer())


async def preserve(
    preserver: Preserver, responders: Responders, pdf: bytes, level: SignatureLevel, at: datetime = AT
) -> ExtendedPdf:
    responders.moment = at
    return await preserver.preserve(pdf, level, at)


@pytest.mark.parametrize("spoiler", [forgeries.odd_certificate, forgeries.double])
async def test_certificate_that_a_signer_added_stops_nothing(
    preserver: Preserver,
    responders: Responders,
    office_with_responder: Credential,
    spoiler: Callable[[bytes], bytes],
) -> None:
    """Guards against: a form that was taken in with it never gets newer proof."""
    store = changes.store_of("/Certs", [spoiler(office_with_responder.chain[1])])
    pdf = updated(await signed_elsewhere(issued(), office_with_responder), store)
    made = await preserve(preserver, responders, pdf, SignatureLevel.BASIC)
    assert made.proved_until > AT


async def test_long_term_form_is_preserved_twice(
    preserver: Preserver, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    """The second time with another certificate of the authority, years later."""
    responders.stamping = responders.issue("first-tsa", purposes=STAMPING, until=AT + 3 * YEAR)
    form = await sign(preserver.signer, office_with_responder)
    assert form.proved_until == AT + 3 * YEAR
    first = await preserve(preserver, responders, form.pdf, form.level, AT + YEAR)
    assert first.proved_until == AT + 3 * YEAR
    assert await is_archival(first.pdf, "office", own_pki, AT, AT + YEAR)
    responders.stamping = responders.issue("second-tsa", purposes=STAMPING, until=AT + 6 * YEAR)
    second = await preserve(preserver, responders, first.pdf, SignatureLevel.ARCHIVAL, AT + 2 * YEAR)
    assert second.proved_until == AT + 6 * YEAR
    assert second.pdf.startswith(first.pdf)
    assert first.pdf.startswith(form.pdf)
    trust = preserver.signer.current_policy().trust
    for made in (first, second):
        found = await verify(made.pdf, issued(), "office", trust, AT, old_padding=False)
        assert found.certificate.fingerprint == office_with_responder.fingerprint
    # The first stamp's certificate has ended by then: only the second stamp proves it.
    assert await is_archival(second.pdf, "office", own_pki, AT, AT + 4 * YEAR)
    assert not await is_archival(first.pdf, "office", own_pki, AT, AT + 4 * YEAR)


async def test_basic_signature_becomes_archival(
    make_signer: MakeSigner, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    """The authority was silent when it was signed."""
    form = await sign(make_signer(stamps=False), office_with_responder)
    made = await preserve(Preserver(make_signer()), responders, form.pdf, form.level)
    assert await is_archival(made.pdf, "office", own_pki, AT, AT)


async def test_upload_of_two_people_becomes_archival(
    preserver: Preserver, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    """Each signature is proved; the file is accepted again, as the same one."""
    director = responders.issue("director")
    first = await signed_elsewhere(issued(), director, "Signature1", place=SigFieldSpec("Signature1"))
    uploaded = await signed(first, office_with_responder)
    made = await preserve(preserver, responders, uploaded, SignatureLevel.BASIC)
    for field in ("Signature1", "office"):
        assert await is_archival(made.pdf, field, own_pki, AT, AT)
    then, now = [
        await preserver.signer.judge_upload(each, issued(), "office", AT) for each in (uploaded, made.pdf)
    ]
    assert [each.identity for each in now.signatures] == [each.identity for each in then.signatures]
    assert now.looks == then.looks == ()


async def test_sealed_contract_is_preserved(
    preserver: Preserver, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    first = await sign(preserver.signer, office_with_responder, issued("office", "vendor"))
    vendor = responders.issue("preserved-vendor")
    both = await sign(preserver.signer, vendor, first.pdf, "vendor")
    made = await preserve(preserver, responders, both.pdf, both.level, AT + YEAR)
    for field in ("office", "vendor"):
        assert await is_archival(made.pdf, field, own_pki, AT, AT + YEAR)


def silent(responders: Responders) -> None:
    responders.tsa = saying(b"", 503)


def stamper_revoked(responders: Responders) -> None:
    assert responders.stamping
    responders.revoked.add(responders.stamping.certificate.serial_number)


def unheard(responders: Responders) -> None:
    responders.ocsp = responders.crl = saying(b"", 503)


@pytest.mark.parametrize(
    ("bend", "after", "reason"),
    [
        (silent, YEAR, None),
        (stamper_revoked, YEAR, InvalidityReason.CERTIFICATE_REVOKED),
        (unheard, YEAR, InvalidityReason.CERTIFICATE_UNCHECKED),
        (lambda _: None, 4 * YEAR, InvalidityReason.CERTIFICATE_EXPIRED),
    ],
    ids=["authority silent", "stamp's certificate revoked", "nobody knows of it", "too late"],
)
async def test_what_can_t_be_proved_says_why(
    make_signer: MakeSigner,
    responders: Responders,
    office_with_responder: Credential,
    bend: Callable[[Responders], None],
    after: timedelta,
    reason: InvalidityReason | None,
) -> None:
    responders.stamping = responders.issue("ending-tsa", purposes=STAMPING, until=AT + 3 * YEAR)
    form = await sign(make_signer(), office_with_responder)
    bend(responders)
    with pytest.raises(Rejected if reason else NoTimeStamp) as failed:
        await preserve(Preserver(make_signer()), responders, form.pdf, form.level, AT + after)
    assert getattr(failed.value, "reason", None) == reason


async def test_time_stamp_of_another_moment_proves_nothing(
    preserver: Preserver, responders: Responders, office_with_responder: Credential
) -> None:
    form = await sign(preserver.signer, office_with_responder)

    async def late(request: Request, body: bytes) -> Response:
        return Response(responders.time_stamp(body, AT + timedelta(hours=1)))

    responders.tsa = late
    with pytest.raises(Rejected) as refused:
        await preserver.preserve(form.pdf, form.level, AT)
    assert refused.value.reason is InvalidityReason.EVIDENCE_UNAVAILABLE


async def test_time_stamp_is_invisible(
    preserver: Preserver, responders: Responders, office_with_responder: Credential
) -> None:
    form = await sign(preserver.signer, office_with_responder)
    made = await preserve(preserver, responders, form.pdf, form.level)
    (stamp,) = PdfFileReader(BytesIO(made.pdf)).embedded_timestamp_signatures
    assert [float(each) for each in stamp.sig_field["/Rect"]] == [0, 0, 0, 0]
