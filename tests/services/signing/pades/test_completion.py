"""Signature values: only a value that the certificate's key made over the attributes is accepted."""

import os
from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import Credential, Holder, Pki
from services.signing.pades.completion import check_prepared, complete
from services.signing.pades.rejection import InvalidityReason, Rejected
from tests.services.signing.paper import issued
from tests.services.signing.signer import prepared, signed_elsewhere


@pytest.fixture(scope="module")
def curve(pki: Pki) -> Credential:
    return pki.credential("curve", Holder("Sở Tài chính"), kind="p256")


def token(who: Credential) -> Token:
    return Token(who.p12.read_bytes(), who.password)


WRONG: list[Callable[[bytes], bytes]] = [
    lambda value: b"",
    lambda value: os.urandom(len(value)),
    lambda value: value[:-1] + bytes([value[-1] ^ 1]),
    lambda value: value + b"\0",
    lambda value: value[1:],
    lambda value: bytes(len(value)),
    lambda value: os.urandom(100_000),
]


@pytest.mark.parametrize("wrong", WRONG)
async def test_wrong_value(office: Credential, curve: Credential, wrong: Callable[[bytes], bytes]) -> None:
    for who in (office, curve):
        ready = await prepared(issued(), who)
        value = wrong(token(who).sign(ready.digest, ready.algorithm))
        with pytest.raises(Rejected) as refused:
            await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=True)
        assert refused.value.reason is InvalidityReason.SIGNATURE_MISMATCH


async def test_value_of_another_certificate(office: Credential, pki: Pki) -> None:
    ready = await prepared(issued(), office)
    other = pki.credential("other", Holder("Sở Tài chính"))
    value = token(other).sign(ready.digest, ready.algorithm)
    with pytest.raises(Rejected) as refused:
        await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=True)
    assert refused.value.reason is InvalidityReason.SIGNATURE_MISMATCH


async def test_value_over_the_document_instead_of_the_attributes(office: Credential) -> None:
    ready = await prepared(issued(), office)
    value = token(office).sign(ready.resumable.document_digest, ready.algorithm)
    with pytest.raises(Rejected) as refused:
        await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=True)
    assert refused.value.reason is InvalidityReason.SIGNATURE_MISMATCH


async def test_old_padding_where_it_is_not_taken(office: Credential) -> None:
    ready = await prepared(issued(), office)
    value = token(office).sign(ready.digest, "RS256")
    with pytest.raises(Rejected) as refused:
        await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=False)
    assert refused.value.reason is InvalidityReason.SIGNATURE_OLD_PADDING


async def test_curve_value_as_two_numbers(curve: Credential) -> None:
    """PKCS#11 returns r and s as two joined numbers; in the file they are DER."""
    ready = await prepared(issued(), curve)
    r, s = decode_dss_signature(token(curve).sign(ready.digest, ready.algorithm))
    pair = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert await complete(ready.pdf, ready.resumable, ready.algorithm, pair, old_padding=False)


async def test_digest_is_of_the_attributes(office: Credential) -> None:
    ready = await prepared(issued(), office)
    assert ready.digest == sha256(ready.resumable.attributes).digest()
    assert ready.pdf.startswith(issued())


async def test_value_of_an_old_session(office: Credential) -> None:
    """The person pressed the button twice: the value of the first attempt finishes no other one."""
    first, second = await prepared(issued(), office), await prepared(issued(), office)
    value = token(office).sign(first.digest, first.algorithm)
    with pytest.raises(Rejected) as refused:
        await complete(second.pdf, second.resumable, second.algorithm, value, old_padding=True)
    assert refused.value.reason is InvalidityReason.SIGNATURE_MISMATCH


async def test_only_the_prepared_pdf_comes_of_it(office: Credential, pki: Pki) -> None:
    """A file with the stamp of somebody else, or of another moment, isn't the prepared one."""
    ready = await prepared(issued(), office)
    value = token(office).sign(ready.digest, ready.algorithm)
    pdf = await complete(ready.pdf, ready.resumable, ready.algorithm, value, old_padding=False)
    check_prepared(pdf, ready.pdf, ready.resumable)
    named_another = await prepared(issued(), pki.credential("another", Holder("Bộ Tài chính")))
    for foreign in (named_another.pdf, await signed_elsewhere(issued(), office), pdf + b"\n", pdf[:-1]):
        with pytest.raises(Rejected) as refused:
            check_prepared(foreign, ready.pdf, ready.resumable)
        assert refused.value.reason is InvalidityReason.FILE_NOT_PREPARED
