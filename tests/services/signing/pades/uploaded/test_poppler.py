"""A form signed by another program altogether: poppler, with a key in an NSS database."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.people.pki import Credential
from services.signing.pades.rejection import InvalidityReason
from services.signing.pades.trust import TrustSettings
from services.signing.pades.uploaded.verification import verify_upload
from tests.services.signing.pades.uploaded.conftest import Reason, Verify
from tests.services.signing.paper import issued


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, school: Credential) -> Path:
    folder = tmp_path_factory.mktemp("nss")
    _run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    _run("pk12util", "-i", str(school.p12), "-d", f"sql:{folder}", "-W", school.password, "-K", "")
    return folder


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def sign(pdf: bytes, database: Path, folder: Path) -> bytes:
    """pdfsig ends with an error after it has signed (NSS says that objects are in use)."""
    before, after = folder / "before.pdf", folder / "after.pdf"
    before.write_bytes(pdf)
    nick = ["-nick", "TRUONG THPT DONG VAN", "-reason", "Approved"]
    subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{database}", "-add-signature", *nick, str(before), str(after)],
        capture_output=True,
        env={**os.environ, "TZ": "UTC"},
    )
    return after.read_bytes()


async def test_signed_by_poppler(
    database: Path, trust: TrustSettings, tmp_path: Path, school: Credential, moment: datetime
) -> None:
    """It writes CMS in BER, PKCS#1 v1.5, a field of its own and a font into the form's resources."""
    pdf = sign(issued(), database, tmp_path)
    verdict = await verify_upload(pdf, issued(), "office", trust, moment, old_padding=True)
    (found,) = verdict.signatures
    assert (found.holder, found.old_padding, verdict.looks) == ("TRUONG THPT DONG VAN", True, ())
    assert found.certificate.fingerprint == school.fingerprint
    assert found.stated_at is not None
    assert found.stated_at.astimezone(UTC) > moment


async def test_old_padding_where_it_is_not_taken(reason: Reason, database: Path, tmp_path: Path) -> None:
    assert await reason(sign(issued(), database, tmp_path)) is InvalidityReason.SIGNATURE_OLD_PADDING


async def test_signed_twice_by_poppler(verified: Verify, database: Path, tmp_path: Path) -> None:
    both = sign(sign(issued(), database, tmp_path), database, tmp_path)
    verdict = await verified(both, old_padding=True)
    assert len({found.identity for found in verdict.signatures}) == 2
