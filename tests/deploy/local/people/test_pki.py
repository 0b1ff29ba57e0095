"""The local certification authority: created once, complete, and readable only by its owner."""

import stat
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509

from deploy.local.people.pki import FROM, UNTIL, Holder, Pki, ensure_pki
from tests.support.revocation import revoke


def test_made_once(tmp_path: Path) -> None:
    first, again = ensure_pki(tmp_path / "pki"), ensure_pki(tmp_path / "pki")
    assert first.password == again.password
    assert first.issuing.certificate == again.issuing.certificate


def test_two_at_once_use_the_same(tmp_path: Path) -> None:
    made: list[Pki] = []
    both = [Thread(target=lambda: made.append(ensure_pki(tmp_path / "pki"))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert made[0].password == made[1].password
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_files_are_the_owner_s_alone(tmp_path: Path) -> None:
    folder = ensure_pki(tmp_path / "pki").folder
    for path in [folder, *folder.rglob("*")]:
        if path == folder or path.is_file():
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_certificate_names_the_office(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    who = pki.credential("office", Holder("Sở Tài chính", ("MST:0101243150-001", "MNS:1047665")))
    uids = who.certificate.subject.get_attributes_for_oid(x509.ObjectIdentifier("0.9.2342.19200300.100.1.1"))
    assert [uid.value for uid in uids] == ["MST:0101243150-001", "MNS:1047665"]
    assert (who.certificate.not_valid_before_utc, who.certificate.not_valid_after_utc) == (FROM, UNTIL)


def test_long_names_are_cut_between_letters(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    name = "Trung tâm Giáo dục nghề nghiệp - Giáo dục thường xuyên huyện Đồng Văn, tỉnh Hà Giang"
    who = pki.credential("long", Holder(name), kind="p256")
    (common,) = who.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert isinstance(common.value, str)
    assert name.startswith(common.value)
    assert 60 < len(common.value.encode()) <= 64


def test_revoked_stay_revoked(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    for file in ("one", "two"):
        revoke(pki, pki.credential(file, Holder(file), kind="p256").certificate)
    listed = x509.load_der_x509_crl((ensure_pki(tmp_path / "pki").crls / "issuing.crl").read_bytes())
    assert len(list(listed)) == 2


@pytest.mark.parametrize("trusted", [True, False])
def test_only_the_trusted_are_under_the_root(tmp_path: Path, trusted: bool) -> None:
    pki = ensure_pki(tmp_path / "pki")
    who = pki.credential("office", Holder("Sở Tài chính"), kind="p256", trusted=trusted)
    issuing = x509.load_pem_x509_certificate(pki.trust_intermediates.read_bytes())
    assert (who.certificate.issuer == issuing.subject) is trusted
