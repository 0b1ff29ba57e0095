"""A form signed by another program altogether: poppler, with a key in an NSS database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.people.pki import Credential
from services.signing.pades.rejection import InvalidityReason
from tests.services.signing.pades.uploaded.conftest import Reason, Verify
from tests.services.signing.paper import issued
from tests.support.poppler import NssDatabase, make_database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, school: Credential) -> NssDatabase:
    made = make_database(tmp_path_factory.mktemp("nss"))
    made.add_key(school)
    return made


def sign(pdf: bytes, database: NssDatabase, folder: Path) -> bytes:
    before, after = folder / "before.pdf", folder / "after.pdf"
    before.write_bytes(pdf)
    database.sign(before, after, "TRUONG THPT DONG VAN")
    return after.read_bytes()


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  (pdfsig knows no other clock)


async def test_signed_by_poppler(
    verified: Verify, database: NssDatabase, tmp_path: Path, school: Credential, moment: datetime
) -> None:
    """It writes CMS in BER, PKCS#1 v1.5, a field of its own and a font into the form's resources."""
    verdict = await verified(sign(issued(), database, tmp_path), old_padding=True, at=now())
    (found,) = verdict.signatures
    assert (found.holder, found.old_padding, verdict.looks) == ("TRUONG THPT DONG VAN", True, ())
    assert found.certificate.fingerprint == school.fingerprint
    assert found.stated_at is not None
    assert found.stated_at.astimezone(UTC) > moment


async def test_old_padding_where_it_is_not_taken(
    reason: Reason, database: NssDatabase, tmp_path: Path
) -> None:
    assert await reason(sign(issued(), database, tmp_path)) is InvalidityReason.SIGNATURE_OLD_PADDING


async def test_signed_twice_by_poppler(verified: Verify, database: NssDatabase, tmp_path: Path) -> None:
    both = sign(sign(issued(), database, tmp_path), database, tmp_path)
    verdict = await verified(both, old_padding=True, at=now())
    assert len({found.identity for found in verdict.signatures}) == 2
