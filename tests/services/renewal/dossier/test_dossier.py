"""The dossier of a registration over REST and on its page, with a real store and the real layout."""

import io
import json
import zipfile
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.renewal.dossier.texts import CATALOGUE
from services.renewal.texts import NOTICES
from shared.events.invoice import InvoiceRequested
from shared.web.people import Role
from tests.services.renewal.dossier.told import files, notice, report, reported
from tests.services.renewal.offices import registered, today
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit
from tests.support.people import Headers
from tools.dossier.archive import read_archive
from tools.dossier.check import DossierCheck, check_dossier
from tools.dossier.package import package

pytestmark = pytest.mark.usefixtures("rendered_once")

INVOICE = b"%PDF-1.4 invoice"


async def renewed(world: World, office_ref: str) -> dict[str, Any]:
    """A registration with its contract, a payment and an invoice."""
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)
    await world.hears(InvoiceRequested, UUID(made["id"]))
    desk, day = world.people.headers(Role.DESK), today(world)
    number = str(UUID(made["id"]).int % 10**8 + 1)[:8]
    bodies: dict[str, dict[str, Any]] = {
        f"/v1/registrations/{made['id']}/receipts": {
            "amount": 1000, "received_on": day.isoformat(), "reference": "FT1",
        },
        "/v1/invoices": {
            "renewal_id": made["id"], "symbol": f"1C{day:%y}TDS", "number": number,
            "dated": day.isoformat(), "total": 1000, "files": [b64encode(INVOICE).decode()],
        },
    }  # fmt: skip
    for path, body in bodies.items():
        key = {"idempotency-key": made["id"]}
        answer = await world.client.post(path, headers=desk | key, json=body)
        assert answer.status_code == 200, answer.text
    return made


async def fetch(world: World, made: dict[str, Any], who: Headers) -> bytes:
    answer = await world.client.get(f"/v1/registrations/{made['id']}/dossier.zip", headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="ho-so-{made["number"]}.zip"'
    return answer.content


def check(data: bytes) -> DossierCheck:
    with read_archive(io.BytesIO(data)) as archive:
        return check_dossier(archive)


async def test_one_renewal_is_one_dossier_that_verifies(renewal_world: World, office_ref: str) -> None:
    world, people = renewal_world, renewal_world.people
    made = await renewed(world, office_ref)
    listed = await world.client.get(
        f"/v1/registrations/{made['id']}/dossier", headers=people.member(office_ref)
    )
    papers = listed.json()["papers"]
    assert [paper["what"] for paper in papers] == [
        "form",
        "signed_form",
        "contract",
        "sealed_contract",
        "invoice_file",
    ]
    office = await fetch(world, made, people.renewer(office_ref))
    desk = await fetch(world, made, people.clerk())
    assert office == await fetch(world, made, people.renewer(office_ref))
    for data, edition in ((office, "office"), (desk, "desk")):
        found = check(data)
        assert (found.edition, found.findings, found.missing) == (edition, (), ())
        assert found.number == made["number"]
        assert found.entries >= 5
    with zipfile.ZipFile(BytesIO(office)) as files:
        for paper, name in zip(papers, sorted(n for n in files.namelist() if "documents" in n), strict=True):
            kept = await world.client.get(paper["href"], headers=people.member(office_ref))
            assert kept.content == files.read(name)
        index = "".join(page.extract_text() for page in PdfReader(BytesIO(files.read("index.pdf"))).pages)
        digest = sha256(files.read("manifest.json")).hexdigest()
        assert digest in "".join(index.split())
        assert made["number"] in index


async def test_reports_on_signatures_are_in_it(renewal_world: World, office_ref: str) -> None:
    world, people = renewal_world, renewal_world.people
    made = await renewed(world, office_ref)
    who, path = people.renewer(office_ref), f"/v1/registrations/{made['id']}/dossier"
    shown = (await world.client.get(path, headers=who)).json()["papers"]
    form, contract = (p["sha256"] for p in shown if p["what"] in ("signed_form", "sealed_contract"))
    event = await report(world, made, form)
    forged = await reported(world, made, contract, await files(world, contract, of=form))
    await world.tell(world.signing, forged)
    await report(world, made, "0" * 64)  # the same partition: so the forged one is handled
    papers = (await world.client.get(path, headers=who)).json()["papers"]
    reports = [paper for paper in papers if paper["about"]]
    assert [(p["what"], p["about"], p["sha256"]) for p in reports] == [
        ("form_report", form, file.sha256) for file in event.files
    ]
    data = await fetch(world, made, who)
    assert check(data).findings == ()
    with zipfile.ZipFile(BytesIO(data)) as opened:
        names = [name for name in opened.namelist() if "report" in name]
        assert names == ["documents/006-form-report-1.pdf", "documents/007-form-report-1.json"]
        assert opened.read(names[1]) == f"json {form}".encode()
        manifest = json.loads(opened.read("manifest.json"))
    assert [kept["of"] for kept in manifest["elsewhere"]] == [contract, None]
    reader = await Reader.signed_in(world, who)
    page = await reader.get(f"/renewal/registrations/{made['id']}/dossier")
    for name in ("form_report", "form_report_data"):
        assert CATALOGUE.both("dossier.numbered", name=CATALOGUE.texts[f"paper.{name}"], n=1).vi in page.text
    address = f"/renewal/registrations/{made['id']}/dossier/reports/{reports[0]['sha256']}"
    html = (await reader.client.get(f"/renewal/registrations/{made['id']}/dossier")).text
    assert address in html
    assert (await reader.client.get(address)).content == f"pdf {form}".encode()
    assert (await reader.client.get(address.replace(reports[0]["sha256"], form))).status_code == 404
    answer = await world.client.get(reports[0]["href"], headers=who)
    assert (answer.content, answer.headers["content-type"]) == (f"pdf {form}".encode(), "application/pdf")
    stranger = await world.client.get(reports[0]["href"], headers=people.renewer("another-office"))
    assert stranger.status_code == 404
    other = await world.client.get(f"{path}/reports/{form}", headers=who)
    assert other.status_code == 404


async def test_the_tool_is_offered_to_everybody(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    reader = await Reader.signed_in(world, world.people.member(office_ref))
    html = (await reader.client.get(f"/renewal/registrations/{made['id']}/dossier")).text
    address = "/renewal/kiem-tra-ho-so.pyz"
    assert f'href="{address}"' in html
    offered = await world.client.get(address)
    assert offered.content == package()
    assert sha256(offered.content).hexdigest() in html
    assert offered.headers["content-disposition"] == 'attachment; filename="kiem-tra-ho-so.pyz"'


async def test_each_notice_is_proved(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    about = await world.renewals.load(UUID(made["id"]))
    assert about
    term = about.state.registration.term.basis_expires_on
    for id, failed, of in (("n1", 0, None), ("n2", 550, term), ("n3", 0, term - timedelta(days=365))):
        await notice(world, made, f"{made['id']}-{id}", failed, term=of)
    who = world.people.renewer(office_ref)
    with zipfile.ZipFile(BytesIO(await fetch(world, made, who))) as opened:
        sent = json.loads(opened.read("records/notices.json"))["sent"]
        index = "".join(p.extract_text() for p in PdfReader(BytesIO(opened.read("index.pdf"))).pages)
    facts = [(proof["reason"], proof["outcome"], proof["smtp_code"]) for proof in sent]
    assert facts == [("registered", "delivered", 250), ("locked", "refused", 550)]
    assert all("@" not in proof["contact_id"] for proof in sent)
    page = await (await Reader.signed_in(world, who)).get(f"/renewal/registrations/{made['id']}/dossier")
    for text in (page.text, index):
        assert all(part in text for part in (NOTICES["registered"].vi, NOTICES["locked"].vi, "550"))
    assert f"{made['id']}-n2@" in "".join(index.split())


async def test_a_document_that_is_gone_is_named(renewal_world: World, office_ref: str) -> None:
    world, who = renewal_world, renewal_world.people.renewer(office_ref)
    made = await registered(world, office_ref)
    gone = made["documents"][0]["sha256"]
    await world.documents.forget(gone)
    listed = await world.client.get(f"/v1/registrations/{made['id']}/dossier", headers=who)
    assert [paper["missing"] for paper in listed.json()["papers"]] == [True]
    found = check(await fetch(world, made, who))
    assert found.findings == ()
    assert [gone in missing for missing in found.missing] == [True]
    reader = await Reader.signed_in(world, who)
    page = await reader.get(f"/renewal/registrations/{made['id']}/dossier")
    assert CATALOGUE.texts["dossier.missing"].vi in page.text


async def test_bytes_that_were_changed_in_the_store_are_no_document(
    renewal_world: World, office_ref: str
) -> None:
    world, who = renewal_world, renewal_world.people.renewer(office_ref)
    made = await registered(world, office_ref)
    sha = made["documents"][0]["sha256"]
    kept = world.service.client[world.service.settings.database("documents")]
    document = await kept["documents"].find_one({"_id": sha})
    assert document
    await kept["fs.chunks"].update_one(
        {"files_id": document["file"], "n": 0}, {"$set": {"data": b"%PDF other"}}
    )
    assert [sha in missing for missing in check(await fetch(world, made, who)).missing] == [True]


async def test_the_page_has_no_barrier(
    renewal_world: World, office_ref: str, visit: Visit, album: Album, tmp_path: Path
) -> None:
    made = await renewed(renewal_world, office_ref)
    stored = await renewal_world.renewals.load(UUID(made["id"]))
    assert stored
    signed = next(paper for paper in stored.state.dossier if paper.kind == "signed_form")
    await report(renewal_world, made, signed.document.sha256)
    await notice(renewal_world, made, f"{made['id']}-n1")
    address = f"/renewal/registrations/{made['id']}/dossier"
    page = await visit(renewal_world.people.renewer(office_ref))
    await is_fine(page, address)
    await page.goto(f"{address}?lang=vi")
    await album.take(page, "dossier")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=CATALOGUE.texts["dossier.download"].vi).click()
    file = tmp_path / "dossier.zip"
    await (await downloading.value).save_as(file)
    assert check(file.read_bytes()).findings == ()
    desk = await visit(renewal_world.people.clerk())
    await is_fine(desk, address)
