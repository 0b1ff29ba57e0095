"""The general conditions: an edition never changes, and the form contains all of it."""

from collections.abc import AsyncIterator
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from services.renewal.render.conditions import ConditionsArchive
from services.renewal.render.content import FormContent
from services.renewal.render.preview.samples import contract, form
from services.renewal.render.renderer import TEMPLATES, Renderer
from shared.background.workers import WorkFailed

FROZEN = {"general/2025-07-01": "d851883af131eef886dc6f31479aeaa16fb85e5e2f6df538d1fea5afa9c5f6b8"}
"""Offices have signed with these editions. Changed conditions are a new file, and a new line here."""


@pytest.fixture(scope="module")
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer(processes=1, limit=60)
    yield made
    await made.close()


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_editions_that_offices_signed_under_are_as_they_were() -> None:
    editions = TEMPLATES.glob("*/conditions/*.html")
    found = {f"{p.parent.parent.name}/{p.stem}": sha256(p.read_bytes()).hexdigest() for p in editions}
    assert found == FROZEN


def test_edition_in_force_is_the_lines_own_or_the_general_one(tmp_path: Path) -> None:
    for line, day in (("general", "2025-07-01"), ("general", "2027-01-01"), ("giaoduc", "2026-03-01")):
        path = tmp_path / line / "conditions" / f"{day}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<section lang='vi'><ol data-clauses><li>{line} từ <b>{day}</b></li></ol></section>")
    archive = ConditionsArchive(tmp_path, "https://giahan.example/dk")

    def named(line: str, day: str) -> str | None:
        edition = archive.in_force(line, date.fromisoformat(day))
        return edition.reference.edition if edition else None

    assert named("hcsn", "2025-06-30") is None
    assert named("hcsn", "2026-12-31") == "general/2025-07-01"
    assert named("hcsn", "2027-01-01") == "general/2027-01-01"
    assert named("giaoduc", "2026-02-28") == "general/2025-07-01"
    assert named("giaoduc", "2027-06-01") == "giaoduc/2026-03-01"
    edition = archive.find("giaoduc/2026-03-01")
    assert edition is not None
    assert edition.clauses["vi"] == ("giaoduc từ 2026-03-01",)
    assert archive.url(edition.reference) == "https://giahan.example/dk/giaoduc/2026-03-01"


def test_every_edition_has_its_key_clauses_in_both_languages() -> None:
    for name in FROZEN:
        edition = ConditionsArchive(TEMPLATES).find(name)
        assert edition is not None
        assert len(edition.clauses["vi"]) == len(edition.clauses["en"]) > 0


async def test_form_prints_key_clauses_and_carries_the_full_text(renderer: Renderer) -> None:
    content = form("short", "hcsn")
    pdf = await renderer.form(content)
    said, reader = text(pdf), PdfReader(BytesIO(pdf))
    named = content.registration.conditions
    assert named is not None
    edition = ConditionsArchive(TEMPLATES).find(named.edition)
    assert edition is not None
    for expected in (
        *edition.clauses["vi"],
        "bản ngày 01/07/2025",
        "https://giahan.example/dk/general/2025-07-01",
    ):
        assert expected in said
    assert "đã đọc và chấp thuận Điều khoản chung nêu tại mục V" in said
    assert named.sha256 in said.replace(" ", "")
    assert reader.attachments == {"dieu-khoan-chung-2025-07-01.html": [edition.content]}
    assert reader.metadata
    assert f"sha256:{named.sha256}" in str(reader.metadata["/Keywords"])


async def test_contract_claims_the_assent_that_the_form_gives_and_no_more(renderer: Renderer) -> None:
    """Guards against: the contract said that the signed form accepts clauses that no form contained."""
    content = contract("short", "hcsn")
    named = content.registration.conditions
    assert named is not None
    under = text(await renderer.contract(content))
    assert "Điều khoản chung bản ngày 01/07/2025 nêu trên phiếu" in under
    assert named.sha256 in under.replace(" ", "")
    before = text(await renderer.contract(contract("before", "hcsn")))
    assert "Điều khoản chung" not in before
    assert "điều khoản nào không có trên phiếu thì áp dụng theo quy định của pháp luật" in before
    assert "chấp thuận" not in text(await renderer.form(form("before", "hcsn")))


@pytest.mark.parametrize("change", [{"sha256": "00" * 32}, {"edition": "general/2024-01-01"}])
async def test_other_conditions_than_were_named_make_no_document(
    renderer: Renderer, change: dict[str, str]
) -> None:
    content = form("short", "hcsn")
    named = content.registration.conditions
    assert named is not None
    other = content.registration.model_copy(update={"conditions": named.model_copy(update=change)})
    forged: FormContent = content.model_copy(update={"registration": other})
    with pytest.raises(WorkFailed, match="ConditionsDiffer"):
        await renderer.form(forged)
