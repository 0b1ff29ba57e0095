"""The files of roots: of two schemes, several in each, replaced while the service runs."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.people.pki import Credential, Holder, Pki, ensure_pki
from services.signing.evidence.composition import build
from services.signing.evidence.meters import EvidenceMeter
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.certificates import read_chain, validate_certificate
from services.signing.pades.rejection import InvalidityReason, Rejected
from shared.runtime.settings import Settings
from tests.services.signing.service import signing_settings

_CUT_SHORT = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@dataclass(frozen=True)
class Scheme:
    """An authority of its own, and somebody who has its certificate."""

    pki: Pki
    who: Credential

    @property
    def root(self) -> bytes:
        return self.pki.trust_roots.read_bytes()


@pytest.fixture(scope="module")
def schemes(tmp_path_factory: pytest.TempPathFactory) -> list[Scheme]:
    made = [ensure_pki(tmp_path_factory.mktemp("scheme") / "pki") for _ in range(3)]
    return [Scheme(pki, pki.credential("office", Holder("Sở Tài chính"), kind="p256")) for pki in made]


async def scheme_of(who: Credential, files: TrustFiles, moment: datetime) -> str:
    try:
        found = await validate_certificate(read_chain(who.chain), files.current(), moment)
    except Rejected as refused:
        return refused.reason
    return found.scheme


async def test_certificate_has_the_scheme_of_its_root(
    schemes: list[Scheme], tmp_path: Path, moment: datetime
) -> None:
    national, public = tmp_path / "national.pem", tmp_path / "public.pem"
    national.write_bytes(schemes[0].root + schemes[1].root)
    public.write_bytes(schemes[2].root)
    files = TrustFiles(national, public_roots=public)
    found = [await scheme_of(each.who, files, moment) for each in schemes]
    assert found == ["national", "national", "public_bodies"]


async def test_root_is_replaced_while_the_service_runs(
    schemes: list[Scheme], tmp_path: Path, moment: datetime
) -> None:
    old, new, _ = schemes
    path = tmp_path / "roots.pem"
    path.write_bytes(old.root)
    files = TrustFiles(path)
    assert await scheme_of(new.who, files, moment) == InvalidityReason.CERTIFICATE_UNTRUSTED
    path.write_bytes(old.root + new.root)
    assert [await scheme_of(each.who, files, moment) for each in (old, new)] == ["national"] * 2
    path.write_bytes(new.root + b"\n")
    assert await scheme_of(old.who, files, moment) == InvalidityReason.CERTIFICATE_UNTRUSTED


@pytest.mark.parametrize("broken", [b"", _CUT_SHORT, None], ids=["empty", "cut short", "absent"])
async def test_broken_file_keeps_the_one_before(
    schemes: list[Scheme], tmp_path: Path, moment: datetime, broken: bytes | None
) -> None:
    """The metric says so until the file can be read again."""
    path = tmp_path / "roots.pem"
    path.write_bytes(schemes[0].root)
    files = TrustFiles(path)
    before = files.current()
    path.unlink()
    if broken is not None:
        path.write_bytes(broken)
    for _ in range(2):
        assert files.current() == before
        assert files.broken
    path.write_bytes(schemes[1].root)
    assert await scheme_of(schemes[1].who, files, moment) == "national"
    assert not files.broken


async def test_metric_says_that_a_file_is_broken(
    settings: Settings, pki: Pki, schemes: list[Scheme], tmp_path: Path
) -> None:
    path = tmp_path / "roots.pem"
    path.write_bytes(schemes[0].root)
    files, authorities = TrustFiles(path), build(signing_settings(settings, pki))
    meter = EvidenceMeter(authorities, files)
    files.current()
    assert _value(meter, "giahan_trust_broken") == 0
    path.unlink()
    files.current()
    assert _value(meter, "giahan_trust_broken") == 1
    assert _value(meter, "giahan_time_stamps") == 0
    await authorities.downloads.client.aclose()


def _value(meter: EvidenceMeter, name: str) -> float:
    return next(sample.value for each in meter.collect() for sample in each.samples if sample.name == name)
