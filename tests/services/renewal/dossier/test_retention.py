"""Retention over REST and on the desk's pages, and a deletion that dies at each of its lines."""

import io
import re
import zipfile
from collections.abc import Set
from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from prometheus_client import generate_latest

from services.renewal.core import Core
from services.renewal.desk.items.waiting_dossiers import WaitingDossiers
from services.renewal.domain.desk.desk_item import ItemKind
from services.renewal.domain.desk.queue_position import QueuePosition
from services.renewal.domain.dossier.retention import DossierDeletion
from services.renewal.domain.dossier.retention_steps import place_hold
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.joint.form_carrier import FormCarrier
from services.renewal.domain.money import Dialect
from services.renewal.domain.paper.sheet import Sheet
from services.renewal.domain.payment.claims.claim import PaymentSlip
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.domain.seen_notice import SeenNotice
from services.renewal.dossier.copies import DossierCopies
from services.renewal.dossier.document_owners import DocumentOwners
from services.renewal.dossier.meters import RetentionMeter
from services.renewal.dossier.retention import DossierRetentionService, RetentionRequest
from services.renewal.dossier.service import DossierService
from services.renewal.dossier.texts import CATALOGUE
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.stores.retained_renewals import INDEXES, RetainedRenewals
from services.renewal.stores.seen_notices import SeenNotices
from shared.events.dossier import DossierDeleted
from shared.ids import fresh
from shared.observability.metrics import Metrics
from shared.resilience.errors import MissingDocument
from shared.storage.aggregate import Cause, Decision
from shared.storage.mongo import plain
from shared.storage.store import Store
from shared.time.calendar import add_years
from shared.web.people import Person, Role
from tests.services.renewal.desk.items import comes
from tests.services.renewal.desk.items import listed as listed_items
from tests.services.renewal.dossier.told import report
from tests.services.renewal.dying_parts import BeforeCall, Died, DyingPart
from tests.services.renewal.offices import registered
from tests.services.renewal.pages.accessibility import is_fine
from tests.services.renewal.pages.reader import Reader
from tests.services.renewal.paper.batches import enter, opened
from tests.services.renewal.signed_registrations import issue, sign
from tests.services.renewal.stores import renewal_stores
from tests.services.renewal.world import World
from tests.support.album import Album
from tests.support.browser import Visit

pytestmark = pytest.mark.usefixtures("rendered_once")

YEARS = 10


async def outdated(world: World, office_ref: str) -> dict[str, Any]:
    """A registration whose contract's term ended more than ten years ago."""
    made = await registered(world, office_ref)
    await sign(world, made, office_ref)
    await issue(world, made, office_ref)

    def age(state: Renewal | None) -> Decision[Renewal]:
        assert state
        registration = state.registration
        ended = add_years(world.service.clock.now().date(), -YEARS) - timedelta(days=2)
        moved = {"basis_expires_on": add_years(ended, -registration.term.years), "term_to": ended}
        term = registration.term.model_copy(update=moved)
        return Decision(state.with_changes(registration=registration.model_copy(update={"term": term})))

    await world.renewals.change(UUID(made["id"]), age, Cause.command("age"))
    return made


async def stored(world: World, made: dict[str, Any]) -> Renewal:
    found = await world.renewals.load(UUID(made["id"]))
    assert found
    return found.state


async def hashes(world: World, made: dict[str, Any]) -> set[str]:
    return {paper.document.sha256 for paper in (await stored(world, made)).dossier}


async def ask(
    world: World, made: dict[str, Any], step: str, number: int = 1, seen: str = ""
) -> httpx.Response:
    headers = world.people.headers(Role.DESK, number=number) | {"idempotency-key": str(fresh())}
    path, more = f"/v1/registrations/{made['id']}/dossier/{step}", {"if-match": seen} if seen else {}
    return await world.client.post(path, headers=headers | more, json={"reason": "hết thời hạn lưu"})


async def listed(world: World, state: str, made: dict[str, Any]) -> bool:
    answer = await world.client.get(
        "/v1/desk/dossiers", params={"state": state}, headers=world.people.clerk()
    )
    assert answer.status_code == 200, answer.text
    return any(row["renewal_id"] == made["id"] for row in answer.json())


async def test_two_people_delete_what_need_not_be_kept(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await outdated(world, office_ref)
    files = await hashes(world, made)
    assert await listed(world, "due", made)
    assert (await ask(world, made, "deletion")).status_code == 200
    assert await listed(world, "proposed", made)
    alone = await ask(world, made, "deletion/approval")
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:giahan:problem:dossier-same-person")
    assert await world.documents.find_stored(sorted(files)) == files
    done = await ask(world, made, "deletion/approval", 2)
    assert done.status_code == 200, done.text
    proof = done.json()["deletion"]
    assert set(proof["files"]) == files
    assert (proof["proposed_by"], proof["approved_by"]) == ("desk-1", "desk-2")
    assert proof["finished_at"]
    assert await world.documents.find_stored(sorted(files)) == set()
    event = await world.hears(DossierDeleted, UUID(made["id"]))
    assert (set(event.files), event.manifest) == (files, proof["manifest"])
    assert not await listed(world, "due", made)
    assert not await listed(world, "unfinished", made)
    one = await world.client.get(
        f"/v1/registrations/{made['id']}/dossier/retention", headers=world.people.clerk()
    )
    assert (one.json()["deletion"], one.headers["etag"]) == (proof, done.headers["etag"])
    office = world.people.renewer(office_ref)
    gone = await world.client.get(f"/v1/documents/{min(files)}", headers=office)
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:giahan:problem:document-gone")
    reader = await Reader.signed_in(world, office)
    page = await reader.get(f"/renewal/registrations/{made['id']}/dossier")
    assert CATALOGUE.texts["retention.deleted"].vi.partition("{")[0] in page.text
    await reader.get(f"/renewal/documents/{min(files)}", 404)


async def test_the_manifest_in_the_proof_is_the_desks_own(renewal_world: World, office_ref: str) -> None:
    """It is that of the ZIP that people downloaded before the approval, with a damaged file too."""
    world = renewal_world
    made = await outdated(world, office_ref)
    await damage(world, (await stored(world, made)).dossier[0].document.sha256)
    assert (await ask(world, made, "deletion")).status_code == 200
    service, id = retention(world), UUID(made["id"])
    path, desk = f"/v1/registrations/{id}/dossier.zip", world.people.headers(Role.DESK, number=2)
    kept = await world.client.get(path, headers=desk)
    with zipfile.ZipFile(io.BytesIO(kept.content)) as files:
        digest = sha256(files.read("manifest.json")).hexdigest()
    with pytest.raises(RenewalError, match="dossier-moved"):
        await service.approve(id, request(), "00" * 32)
    done = await service.approve(id, request(), digest)
    assert deletion(done.state).manifest == digest


async def damage(world: World, sha: str) -> None:
    kept = world.service.client[world.service.settings.database("documents")]
    document = await kept["documents"].find_one({"_id": sha})
    assert document
    where, other = {"files_id": document["file"], "n": 0}, {"$set": {"data": b"%PDF other"}}
    await kept["fs.chunks"].update_one(where, other)


def deletion(renewal: Renewal) -> DossierDeletion:
    assert renewal.retention
    assert renewal.retention.deletion
    return renewal.retention.deletion


async def test_a_hold_keeps_everything(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await outdated(world, office_ref)
    assert (await ask(world, made, "deletion")).status_code == 200
    assert (await ask(world, made, "hold")).status_code == 200
    assert await listed(world, "held", made)
    assert not await listed(world, "due", made)
    assert (await ask(world, made, "deletion/approval", 2)).status_code == 409
    assert (await ask(world, made, "deletion", 2)).status_code == 409
    assert (await ask(world, made, "hold/lifting")).status_code == 200
    assert await listed(world, "due", made)
    assert len(await world.documents.find_stored(sorted(await hashes(world, made)))) == 4


async def test_what_is_decided_hides_nothing_that_is_due(renewal_world: World, office_ref: str) -> None:
    """Nor does a closed registration of an older release, which has no day of its end."""
    world = renewal_world
    first, second = await outdated(world, office_ref), await outdated(world, f"{office_ref}-2")
    held, known = UUID(first["id"]), retention(world)
    last = world.service.clock.now().date()
    assert held in ids(await known.dossiers.core.retained.ended_by(last, 1000))
    assert (await ask(world, first, "hold")).status_code == 200
    assert held not in ids(await known.dossiers.core.retained.ended_by(last, 1000))

    def close(state: Renewal | None) -> Decision[Renewal]:
        assert state
        at = world.service.clock.now() - timedelta(days=366 * (YEARS + 1))
        made = state.registration.model_copy(update={"registered_at": at})
        return Decision(state.with_changes(status=RegistrationStatus.REFUSED, since=None, registration=made))

    await world.renewals.change(UUID(second["id"]), close, Cause.command("close"))
    assert await listed(world, "due", second)


def ids(renewals: list[Renewal]) -> set[UUID]:
    return {renewal.registration.renewal_id for renewal in renewals}


async def test_a_joint_registration_waits_for_its_other_products(
    renewal_world: World, office_ref: str
) -> None:
    """Whatever the term that was registered with it: the other's own registration counts."""
    world = renewal_world
    lead, other = await outdated(world, office_ref), await outdated(world, f"{office_ref}-2")
    carrier = FormCarrier(renewal_id=UUID(lead["id"]), number=lead["number"])
    joined = (await stored(world, other)).registration.model_copy(update={"lead": carrier})

    async def put(made: dict[str, Any], **changes: Any) -> None:
        def change(state: Renewal | None) -> Decision[Renewal]:
            assert state
            registration = state.registration.model_copy(update=changes)
            return Decision(state.with_changes(registration=registration))

        await world.renewals.change(UUID(made["id"]), change, Cause.command("join"))

    await put(lead, joined=(joined,))
    assert await listed(world, "due", lead)
    days = ("basis_expires_on", "term_to")
    later = joined.term.model_copy(update={name: add_years(getattr(joined.term, name), 2) for name in days})
    await put(other, term=later)
    assert not await listed(world, "due", lead)
    assert (await ask(world, lead, "deletion")).json()["type"] == "urn:giahan:problem:dossier-kept"
    await put(lead, joined=(joined.model_copy(update={"term": later}),))
    last = add_years(world.service.clock.now().date(), -YEARS)
    found = await retention(world).dossiers.core.retained.ended_by(last, 1000)
    assert UUID(lead["id"]) not in ids(found)


async def test_what_must_be_kept_is_not_deleted(renewal_world: World, office_ref: str) -> None:
    made = await registered(renewal_world, office_ref)
    early = await ask(renewal_world, made, "deletion")
    assert (early.status_code, early.json()["type"]) == (409, "urn:giahan:problem:dossier-kept")
    moved = await ask(renewal_world, made, "hold", seen='"99"')
    assert moved.json()["type"] == "urn:giahan:problem:dossier-moved"


async def test_a_document_of_two_registrations_stays(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, other = await outdated(world, office_ref), await registered(world, f"{office_ref}-2")
    shared = await share(world, made, other)
    await ask(world, made, "deletion")
    done = (await ask(world, made, "deletion/approval", 2)).json()["deletion"]
    assert done["shared"] == [shared]
    assert shared not in done["files"]
    assert await world.documents.get(shared)


async def share(world: World, made: dict[str, Any], other: dict[str, Any]) -> str:
    """Files the first document of one in the dossier of another too."""
    shared = (await stored(world, made)).dossier[0].document

    def add(state: Renewal | None) -> Decision[Renewal]:
        assert state
        return Decision(state.with_document("paper_scan", shared, world.service.clock.now()))

    await world.renewals.change(UUID(other["id"]), add, Cause.command("share"))
    return shared.sha256


async def both_proposed(world: World, office_ref: str) -> tuple[UUID, UUID, str]:
    """Two registrations with one document, whose deletions are proposed."""
    made, other = await outdated(world, office_ref), await outdated(world, f"{office_ref}-2")
    shared = await share(world, made, other)
    for each in (made, other):
        assert (await ask(world, each, "deletion")).status_code == 200
    return UUID(made["id"]), UUID(other["id"]), shared


async def test_a_document_of_two_goes_with_the_second(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    first, second, shared = await both_proposed(world, office_ref)
    assert deletion((await retention(world).approve(first, request())).state).shared == (shared,)
    done = deletion((await retention(world).approve(second, request())).state)
    assert (shared in done.files, done.shared) == (True, ())
    assert await world.documents.find_stored([shared]) == set()


async def test_two_approvals_at_once_leave_no_document(renewal_world: World, office_ref: str) -> None:
    """Each sees the other's before it is approved."""
    world = renewal_world
    first, second, shared = await both_proposed(world, office_ref)

    async def approve_other() -> None:
        await retention(world).approve(second, request())

    renewals = BeforeCall(world.renewals, "change", approve_other)
    done = await retention(world, renewals=renewals).approve(first, request())
    assert shared in deletion(done.state).files
    assert await world.documents.find_stored([shared]) == set()


async def test_who_files_a_document_after_the_approval_keeps_it(
    renewal_world: World, office_ref: str
) -> None:
    """The process died in between."""
    world = renewal_world
    made, other = await outdated(world, office_ref), await registered(world, f"{office_ref}-2")
    assert (await ask(world, made, "deletion")).status_code == 200
    dying = DyingPart(world.documents, "forget", "before")
    with pytest.raises(Died):
        await retention(world, documents=dying).approve(UUID(made["id"]), request())
    shared = await share(world, made, other)
    await retention(world).finish_all()
    assert deletion(await stored(world, made)).shared == (shared,)
    assert await world.documents.get(shared)


async def test_a_picture_of_anothers_page_stays(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made, other = await outdated(world, office_ref), await registered(world, f"{office_ref}-2")
    image = await world.documents.put(f"page of {made['id']}".encode(), media_type="image/jpeg", name="1.jpg")
    await ask(world, made, "deletion")
    service = retention(world, image.sha256, also_of=UUID(other["id"]))
    assert deletion((await service.approve(UUID(made["id"]), request())).state).shared == (image.sha256,)
    assert await world.documents.get(image.sha256)


async def test_payment_orders_go_too_with_the_last_that_has_them(
    renewal_world: World, office_ref: str
) -> None:
    """A replaced registration shares them with the one in its place."""
    world = renewal_world
    first, last = await outdated(world, office_ref), await outdated(world, f"{office_ref}-2")
    data = f"slip of {first['id']}".encode()
    document = await world.documents.put(data, media_type="application/pdf", name="slip.pdf")
    slip = PaymentSlip(document=document, side="office", uploaded_at=world.service.clock.now())
    receivables = Receivables(world.service.store("receivables", Receivable, audited=True))
    for made in (first, last):
        state = Receivable.of((await stored(world, made)).registration)
        attached = Decision(state.model_copy(update={"slips": (slip,)}))
        await receivables.save_many([(None, str(state.id), attached)], Cause.command("attach"))
    gone = []
    for made in (first, last):
        await ask(world, made, "deletion")
        done = (await ask(world, made, "deletion/approval", 2)).json()["deletion"]
        gone.append((document.sha256 in done["shared"], document.sha256 in done["files"]))
    assert gone == [(True, False), (False, True)]
    assert await world.documents.find_stored([document.sha256]) == set()


async def test_the_pictures_of_posted_pages_go_too(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    made = await outdated(world, office_ref)
    image = await world.documents.put(f"page of {made['id']}".encode(), media_type="image/jpeg", name="1.jpg")
    service = retention(world, image.sha256)
    await ask(world, made, "deletion")
    done = await service.approve(UUID(made["id"]), request())
    assert done.state.retention
    assert done.state.retention.deletion
    assert image.sha256 in done.state.retention.deletion.files
    with pytest.raises(MissingDocument):
        await world.documents.get(image.sha256)


def request() -> RetentionRequest:
    return RetentionRequest(Person(sub="desk-2", roles=frozenset({Role.DESK})), "once")


class OnePicture:
    """The first registration that is asked about has the picture, and `also_of` too."""

    def __init__(self, image: str, also_of: UUID | None) -> None:
        self.image, self.also_of = image, also_of

    async def images_of(self, renewal_id: UUID) -> list[str]:
        return [self.image] if self.image else []

    async def image_owners(self, hashes: Set[str]) -> dict[UUID, set[str]]:
        return {self.also_of: {self.image} & hashes} if self.also_of else {}


def retention(
    world: World,
    image: str = "",
    *,
    also_of: UUID | None = None,
    documents: Any = None,
    renewals: Any = None,
) -> DossierRetentionService:
    """The service on the world's stores, or with these parts in place of the world's."""
    service = world.service
    store = service.store("renewals", Renewal, *INDEXES, audited=True)
    core = SimpleNamespace(
        service=SimpleNamespace(documents=documents or world.documents),
        renewals=renewals or world.renewals,
        retained=RetainedRenewals(store),
        receivables=Receivables(service.store("receivables", Receivable, audited=True)),
        invoices=RequestedInvoices(service.store("invoices", RequestedInvoice, audited=True), Dialect()),
        ledgers=ResourceLedgers(service.store("resource_ledgers", ResourceLedger, audited=True)),
        seen=SeenNotices(service.store("seen_notices", SeenNotice), service.clock),
        clock=service.clock,
    )
    known = cast("Core", core)
    told = DossierCopies.of(cast("Core", SimpleNamespace(service=service)))
    owners = DocumentOwners(known, OnePicture(image, also_of), told.reports)
    return DossierRetentionService(DossierService(known, told), owners, YEARS)


@pytest.mark.parametrize(
    ("part", "method", "when"),
    [
        ("renewals", "change", "before"),
        ("renewals", "change", "after"),
        ("documents", "forget", "before"),
        ("documents", "forget", "after"),
    ],
)
async def test_a_deletion_that_dies_is_finished_once(
    renewal_world: World, office_ref: str, part: str, method: str, when: str
) -> None:
    world, id = renewal_world, UUID((made := await outdated(renewal_world, office_ref))["id"])
    files = await hashes(world, made)
    await ask(world, made, "deletion")
    waiting = await waits(world)
    whole = world.renewals if part == "renewals" else world.documents
    parts: dict[str, Any] = {part: DyingPart(whole, method, when)}
    with pytest.raises(Died):
        await retention(world, **parts).approve(id, request())
    approved = (part, when) != ("renewals", "before")
    assert await waits(world) == (waiting[0] - approved, waiting[1] + approved)
    assert await listed(world, "unfinished", made) is approved
    assert await listed(world, "proposed", made) is not approved
    if approved:
        await retention(world).finish_all()
    else:
        assert await world.documents.find_stored(sorted(files)) == files
    again = await retention(world).approve(id, request())
    assert again.state.retention
    assert again.state.retention.deletion
    assert again.state.retention.deletion.finished_at
    assert await world.documents.find_stored(sorted(files)) == set()
    await world.hears(DossierDeleted, id)
    assert len([e for e in world.heard if isinstance(e, DossierDeleted) and e.renewal_id == id]) == 1


async def waits(world: World) -> tuple[int, int]:
    """How many deletions are proposed and unfinished, as the metrics say."""
    metrics = Metrics()
    await RetentionMeter(retention(world).dossiers.core.retained).register(metrics)()
    shown = generate_latest(metrics.registry).decode()
    found = re.findall(r'giahan_dossier_deletions_waiting\{state="(\w+)"\} (\d+)', shown)
    counted = {state: int(count) for state, count in found}
    return counted["proposed"], counted["unfinished"]


async def test_reports_on_signatures_go_with_the_documents(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await outdated(renewal_world, office_ref)
    signed = next(paper for paper in (await stored(world, made)).dossier if paper.kind == "signed_form")
    told = await report(world, made, signed.document.sha256)
    files = {file.sha256 for file in told.files}
    await ask(world, made, "deletion")
    done = await ask(world, made, "deletion/approval", 2)
    assert files <= set(done.json()["deletion"]["files"])
    assert await world.documents.find_stored(sorted(files)) == set()


async def test_a_report_stays_with_a_document_of_two(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await outdated(renewal_world, office_ref)
    signed = next(paper for paper in (await stored(world, made)).dossier if paper.kind == "signed_form")
    files = {file.sha256 for file in (await report(world, made, signed.document.sha256)).files}
    other = await outdated(world, f"{office_ref}-2")

    def file(state: Renewal | None) -> Decision[Renewal]:
        assert state
        return Decision(state.with_document("paper_copy", signed.document, world.service.clock.now()))

    await world.renewals.change(UUID(other["id"]), file, Cause.command("file"))
    await ask(world, made, "deletion")
    done = await ask(world, made, "deletion/approval", 2)
    assert {signed.document.sha256, *files} <= set(done.json()["deletion"]["shared"])
    assert await world.documents.find_stored(sorted(files)) == files


async def test_a_death_before_the_end_is_recorded(renewal_world: World, office_ref: str) -> None:
    world, id = renewal_world, UUID((made := await outdated(renewal_world, office_ref))["id"])
    await ask(world, made, "deletion")
    dying = DyingPart(world.documents, "forget", "before")
    with pytest.raises(Died):
        await retention(world, documents=dying).approve(id, request())
    for when in ("before", "after"):
        renewal = await stored(world, made)
        dying = DyingPart(world.renewals, "change", when)
        with pytest.raises(Died):
            await retention(world, renewals=dying).finish(renewal)
        assert await listed(world, "unfinished", made) is (when == "before")
    assert await retention(world).finish(await stored(world, made)) is None


async def test_pictures_are_found_by_their_registration(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await registered(renewal_world, office_ref)
    batch = await opened(world)
    entry = (await enter(world, batch, made["number"])).json()["id"]
    image = await world.documents.put(made["id"].encode(), media_type="image/jpeg", name="1.jpg")
    _, batches = renewal_stores(world.service)
    for n, of in enumerate((UUID(entry), None)):
        sheet = Sheet(
            id=fresh(),
            batch_id=UUID(batch),
            feed_id=fresh(),
            n=n,
            fed_at=world.service.clock.now(),
            image=image,
            code=None,
            entry_id=of,
        )
        await batches.sheets.save(None, Decision(sheet), Cause.command(), id=sheet.id)
    assert await batches.images_of(UUID(made["id"])) == [image.sha256]
    assert await batches.images_of(fresh()) == []
    assert await batches.image_owners({image.sha256}) == {UUID(made["id"]): {image.sha256}}


async def place_old_hold(world: World, made: dict[str, Any], days: int) -> None:
    def old(state: Renewal | None) -> Decision[Renewal]:
        assert state
        at = world.service.clock.now() - timedelta(days=days)
        return place_hold(state, "tòa án yêu cầu", "clerk-1", at)

    await world.renewals.change(UUID(made["id"]), old, Cause.command("hold"))


async def queue(world: World) -> str:
    desk = await Reader.signed_in(world, world.people.clerk())
    return (await desk.client.get("/renewal/desk?lang=vi", follow_redirects=True)).text


async def test_the_desk_is_shown_a_deletion_that_waits(renewal_world: World, office_ref: str) -> None:
    world, made = renewal_world, await outdated(renewal_world, office_ref)
    await comes(world, office_ref, 0)
    await ask(world, made, "deletion")
    (item,) = await comes(world, office_ref)
    dossier = item["dossier"]
    assert (item["kind"], dossier["number"]) == ("deletion_proposed", made["number"])
    assert (dossier["by"], dossier["reason"]) == (f"{Role.DESK}-1", "hết thời hạn lưu")
    assert item["about_text"][0].startswith("Người khác người đề nghị")
    assert not (await listed_items(world, office=office_ref, kind="hold_old"))["items"]
    assert len((await listed_items(world, office=office_ref, kind="deletion_proposed"))["items"]) == 1
    desk = await Reader.signed_in(world, world.people.clerk())
    html = (await desk.client.get(f"/renewal/desk/items?office={office_ref}&lang=vi")).text
    assert f'href="/renewal/desk/registrations/{made["id"]}/dossier"' in html
    assert dossier["by"] in html
    assert "/renewal/desk/items?kind=deletion_proposed" in await queue(world)
    await ask(world, made, "deletion/approval", 2)
    await comes(world, office_ref, 0)


async def test_an_old_hold_is_shown_until_somebody_confirms_or_lifts_it(
    renewal_world: World, office_ref: str
) -> None:
    world = renewal_world
    young, old = await registered(world, office_ref), await registered(world, office_ref, "ktns")
    await place_old_hold(world, young, 364)
    await place_old_hold(world, old, 366)
    (item,) = await comes(world, office_ref)
    assert (item["kind"], item["dossier"]["number"]) == ("hold_old", old["number"])
    assert "/renewal/desk/items?kind=hold_old" in await queue(world)
    desk = await Reader.signed_in(world, world.people.clerk())
    page = await desk.get(f"/renewal/desk/registrations/{old['id']}/dossier")
    page = await desk.followed(await desk.send(page.form("/confirm"), reason="vụ án chưa xong"))
    assert CATALOGUE.texts["retention.said_confirm"].vi in page.text
    assert "vụ án chưa xong" in page.text
    await comes(world, office_ref, 0)
    answer = await ask(world, old, "hold/confirmation", 2)
    assert answer.json()["hold"]["confirmed_because"] == "hết thời hạn lưu"
    none = await ask(world, await registered(world, f"{office_ref}-2"), "hold/confirmation")
    assert (none.status_code, none.json()["type"]) == (409, "urn:giahan:problem:dossier-not-held")


async def test_the_queue_counts_the_dossiers_and_reads_none(renewal_world: World, office_ref: str) -> None:
    world = renewal_world
    await place_old_hold(world, await registered(world, office_ref), 4_000)
    store = SimpleNamespace(collection=world.service.database["renewals"])
    retained = RetainedRenewals(cast("Store[Renewal]", store))
    counts = await WaitingDossiers(retained, world.service.clock, 365).counts()
    (held,) = (each for each in counts if each.kind is ItemKind.HOLD_OLD)
    assert held.since.date() == (world.service.clock.now() - timedelta(days=4_000)).date()
    before = world.service.clock.now() - timedelta(days=365)
    whole = RetainedRenewals(world.service.store("renewals", Renewal, audited=True))
    listed = await whole.waiting("held", 100, unconfirmed_since=before)
    assert held.count == len(listed)
    assert await retained.count_waiting("held", 1, unconfirmed_since=before) == (1, held.since)
    assert await retained.count_waiting("held", 1, unconfirmed_since=held.since) == (0, None)


async def test_the_lists_are_read_from_indexes(renewal_world: World) -> None:
    """Among very many others. Which of two indexes fits better, the server finds out by trying: for the few
    here both do."""
    database = renewal_world.service.database
    await database.command("planCacheClear", "renewals")
    read: list[dict[str, Any]] = []

    async def note(query: dict[str, Any], **options: Any) -> tuple[list[Any], list[str]]:
        found = database["renewals"].find(plain(query)).sort(options["sort"]).limit(options["limit"])
        read.append((await found.explain())["queryPlanner"])
        return [], []

    retained = RetainedRenewals(cast("Store[Renewal]", SimpleNamespace(find_readable=note)))
    await retained.ended_by(add_years(renewal_world.service.clock.now().date(), -YEARS), 200)
    for state in ("held", "proposed", "unfinished"):
        await retained.with_retention(state, 200)
    now = renewal_world.service.clock.now()
    after = QueuePosition(now, fresh())
    await retained.waiting("proposed", 50, after)
    await retained.waiting("held", 50, after, unconfirmed_since=now)
    ended = ["kept_after_contract", "kept_after_closure", "kept_after_closure"]
    indexes = [*ended, "dossier_held", "dossier_proposed", "dossier_unfinished"]
    for plan, index in zip(read, [*indexes, "dossier_proposed", "dossier_held"], strict=True):
        assert f"'indexName': '{index}'" in str(plan["winningPlan"]) + str(plan["rejectedPlans"])
        assert "IXSCAN" in str(plan["winningPlan"])


async def test_the_desks_pages(renewal_world: World, office_ref: str, visit: Visit, album: Album) -> None:
    world = renewal_world
    made = await outdated(world, office_ref)
    address = f"/renewal/desk/registrations/{made['id']}/dossier"
    first = await Reader.signed_in(world, world.people.headers(Role.DESK, number=1))
    page = await first.get(address)
    empty = await first.send(page.form("/propose"), 422, reason="")
    assert "dossier" in str(empty.url)
    proposed = await first.send(page.form("/propose"), reason="hết thời hạn lưu")
    page = await first.followed(proposed)
    assert not [form for form in page.forms if form.action.endswith("/approve")]
    browser = await visit(world.people.headers(Role.DESK, number=2))
    await is_fine(browser, address, "/renewal/desk/dossiers")
    await browser.goto(f"{address}?lang=vi")
    await album.take(browser, "dossier-retention")
    second = await Reader.signed_in(world, world.people.headers(Role.DESK, number=2))
    page = await second.get(f"{address}?said=approve")
    assert CATALOGUE.texts["retention.said_approve"].vi not in page.text
    page = await second.followed(await second.send(page.form("/approve")))
    assert CATALOGUE.texts["retention.said_approve"].vi in page.text
    assert (await stored(world, made)).retention
    await is_fine(browser, address, f"/renewal/registrations/{made['id']}/dossier")
