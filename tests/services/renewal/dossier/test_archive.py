"""The archive of a dossier: the same facts give the same bytes, nothing is left out, and what an office may
not read isn't in its edition."""

import gc
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from services.renewal.domain.dossier.facts import DossierEdition
from services.renewal.domain.dossier.manifest import DossierManifest
from services.renewal.domain.dossier.records import record_files
from services.renewal.domain.renewal import Renewal
from services.renewal.dossier.archive import ArchiveWriter
from services.renewal.dossier.index_sheet import index_html
from services.renewal.dossier.texts import CATALOGUE, text_of
from tests.services.renewal.domain.joint.examples import joint_registration
from tests.services.renewal.dossier.sample_dossier import BYTES, CLERK, NOTE, archive, facts

OFFICE, DESK = DossierEdition.OFFICE, DossierEdition.DESK


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


@pytest.mark.parametrize("edition", DossierEdition)
async def test_the_same_facts_give_the_same_bytes(edition: DossierEdition) -> None:
    assert await archive(edition) == await archive(edition)


async def test_every_document_is_there_once_as_it_is_kept() -> None:
    files = opened(await archive())
    told = manifest(files)
    assert [files[p["path"]] for p in told["papers"]] == [
        BYTES[n] for n in ("form", "scan", "scan", "invoice")
    ]
    assert sorted(path for path in files if path.startswith("documents/")) == [
        "documents/001-form-1.pdf",
        "documents/002-paper-scan-1.pdf",
        "documents/003-invoice-file.pdf",
    ]
    assert {file["path"] for file in told["files"]} == files.keys() - {"manifest.json", "index.pdf"}
    for file in told["files"]:
        data = files[file["path"]]
        assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert hashlib.sha256(files["manifest.json"]).hexdigest().encode() in files["index.pdf"]


async def test_a_stamped_form_is_called_so_and_has_no_validation_report() -> None:
    about = facts()
    stamped = about.papers[2]
    assert (stamped.what, stamped.source) == ("signed_form", "posted")
    assert CATALOGUE.texts["paper.stamped_form"].vi in text_of(stamped).vi
    told = manifest(opened(await archive()))
    assert told["elsewhere"] == [{"what": "mails", "of": None}]


async def test_what_is_lost_is_named() -> None:
    files = opened(await archive(lost="scan"))
    missing = [paper for paper in manifest(files)["papers"] if paper["path"] is None]
    assert [(p["what"], p["sha256"]) for p in missing] == [
        (what, hashlib.sha256(BYTES["scan"]).hexdigest()) for what in ("paper_scan", "signed_form")
    ]
    assert not any("scan" in path for path in files)


async def test_the_office_gets_no_note_between_clerks_and_no_clerks_name() -> None:
    office, desk = opened(await archive(OFFICE)), opened(await archive(DESK))
    everything = b"".join(office.values()).decode()
    assert NOTE not in everything
    assert CLERK not in everything
    assert NOTE in desk["records/registration.json"].decode()
    assert office.keys() == desk.keys()
    documents = [path for path in office if path.startswith("documents/")]
    assert [office[path] for path in documents] == [desk[path] for path in documents]


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


async def test_a_field_of_a_later_release_stays_with_the_desk() -> None:
    class LaterRenewal(Renewal):
        desk_secret: str = "secret"

    about = facts()
    later = LaterRenewal.model_validate(about.renewal.model_dump())
    changed = type(about)(later, about.receivable, about.invoice, about.notices, about.chains)
    office = json.loads(record_files(changed, OFFICE)["records/registration.json"])
    desk = json.loads(record_files(changed, DESK)["records/registration.json"])
    assert "desk_secret" in _names(desk)
    assert "desk_secret" not in _names(office)
    assert not {"desk_note", "accepted_by", "entered_by", "registered_by", "judged"} & _names(office)
    assert isinstance(later, BaseModel)


def test_the_writer_holds_one_file_at_a_time() -> None:
    writer = ArchiveWriter()
    parts = [writer.add(f"documents/{n}.bin", bytes([n]) * 50_000) for n in range(3)]
    assert all(50_000 < len(part) < 51_000 for part in parts)
    files = opened(b"".join([*parts, writer.end()]))
    assert files == {f"documents/{n}.bin": bytes([n]) * 50_000 for n in range(3)}


def test_an_archive_that_breaks_off_has_no_end_and_makes_no_noise() -> None:
    """The reader went away. Warnings of objects that are dropped fail a test."""
    writer = ArchiveWriter()
    begun = writer.add("documents/1.bin", b"x" * 1000)
    del writer
    gc.collect()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(begun))


def test_the_index_names_what_is_on_the_same_form() -> None:
    made = joint_registration()
    for registration, said in (
        (made, [f"{each.product_name}, số đăng ký {each.number}" for each in made.joined]),
        (made.joined[0], [f"đăng ký chung trên phiếu số {made.number}"]),
    ):
        about = replace(facts(), renewal=facts().renewal.with_changes(registration=registration))
        manifest = DossierManifest.of(about, DossierEdition.OFFICE, set(), {})
        page = index_html(manifest, about)
        assert all(each in page for each in said)
    single = index_html(DossierManifest.of(facts(), DossierEdition.OFFICE, set(), {}), facts())
    assert "cùng phiếu" not in single.casefold()
    assert "phiếu số" not in single
