"""Files that must pass: signed by our own steps or by another tool, and which facts are read from them."""

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from deploy.local.people.pki import Credential, Holder, Kind, Pki
from services.signing.pades.rejection import InvalidityReason, Rejected
from services.signing.pades.trust import TrustSettings
from services.signing.pades.verification import verify
from tests.services.signing.paper import issued
from tests.services.signing.signer import signed, signed_elsewhere


@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384"])
async def test_each_kind_of_key_signs(pki: Pki, trust: TrustSettings, moment: datetime, kind: Kind) -> None:
    office = pki.credential(f"kind-{kind}", Holder("Ủy ban nhân dân xã Đồng Văn", ("MST:1",)), kind=kind)
    pdf = await signed(issued(), office)
    found = await verify(pdf, issued(), "office", trust, moment, old_padding=False)
    assert found.certificate.tax_codes == ("1",)
    assert found.certificate.revocation == "good"
    assert not found.old_padding


async def test_signed_by_another_tool(office: Credential, trust: TrustSettings, moment: datetime) -> None:
    pdf = await signed_elsewhere(issued(), office)
    found = await verify(pdf, issued(), "office", trust, moment, old_padding=False)
    assert found.certificate.fingerprint == office.fingerprint


async def test_old_padding_is_noted_or_refused(
    office: Credential, trust: TrustSettings, moment: datetime
) -> None:
    pdf = await signed(issued(), office, algorithm="RS256")
    assert (await verify(pdf, issued(), "office", trust, moment, old_padding=True)).old_padding
    with pytest.raises(Rejected) as refused:
        await verify(pdf, issued(), "office", trust, moment, old_padding=False)
    assert refused.value.reason is InvalidityReason.SIGNATURE_OLD_PADDING


async def test_second_signature_leaves_the_first_valid(
    office: Credential, pki: Pki, trust: TrustSettings, moment: datetime, tmp_path: Path
) -> None:
    """Both fields exist from the start, so the second signature only appends."""
    form = issued("office", "vendor")
    first = await signed(form, office)
    vendor = pki.credential("second", Holder("Công ty"), kind="p256")
    both = await signed(first, vendor, "vendor")
    found = await verify(both, first, "vendor", trust, moment, old_padding=False)
    assert found.certificate.fingerprint == vendor.fingerprint
    assert _pdfsig(both, tmp_path).count("Signature is Valid") == 2


async def test_poppler_agrees(office: Credential, tmp_path: Path) -> None:
    output = _pdfsig(await signed(issued(), office), tmp_path)
    assert "Signature is Valid" in output
    assert "Total document signed" in output
    assert "ETSI.CAdES.detached" in output
    assert "Signature Field Name: office" in output


async def test_a_name_composed_or_decomposed_is_stamped(
    pki: Pki, trust: TrustSettings, moment: datetime, tmp_path: Path
) -> None:
    """Names occur in both Unicode forms, with typographic quotes, and with letters that the font lacks."""
    name = "TRÂ\u0300N NGO\u0323C TU\u0301’s <Sở> 漢"
    office = pki.credential("decomposed", Holder(name, ("MST:1",)), kind="p256")
    pdf = await signed(issued(), office)
    await verify(pdf, issued(), "office", trust, moment, old_padding=False)
    output = _output_of(pdf, tmp_path, "pdftotext", "{}", "-")
    assert "TRẦN NGỌC TÚ’s <Sở> ?" in output
    assert "2026-11-25T09:30:00+07:00" in output


def _pdfsig(pdf: bytes, folder: Path) -> str:
    return _output_of(pdf, folder, "pdfsig", "-nocert", "{}")


def _output_of(pdf: bytes, folder: Path, *command: str) -> str:
    """The output of a program of poppler-utils about the file, whose path replaces `{}`."""
    path = folder / "signed.pdf"
    path.write_bytes(pdf)
    filled = [part.format(path) for part in command]
    return subprocess.run(filled, capture_output=True, check=True, text=True).stdout
