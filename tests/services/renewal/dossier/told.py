"""What other services tell the dossiers: signing's reports, and the notifier's proofs."""

from datetime import date
from typing import Any
from uuid import UUID

from shared.events.base import DocumentRef
from shared.events.notifier import NoticeDelivered, NoticeFailed
from shared.events.renewal import RenewalRegistered
from shared.events.signing import SignaturesReported
from shared.storage.documents import Provenance
from tests.services.renewal.world import World
from tests.support.service_process import until

_KINDS = {"pdf": "application/pdf", "json": "application/json"}


async def files(world: World, document: str, of: str = "") -> tuple[DocumentRef, ...]:
    """The two files of a report as signing stores them. `of`: the document on which it is, if another."""
    about = Provenance("validation_report", of or document)
    return tuple(
        [
            await world.documents.put(
                f"{end} {document}".encode(), media_type=kind, name=f"bc.{end}", of=about
            )
            for end, kind in _KINDS.items()
        ]
    )


async def reported(
    world: World, made: dict[str, Any], document: str, kept: tuple[DocumentRef, ...]
) -> SignaturesReported:
    about = await _about(world, made)
    return SignaturesReported(
        **about,
        renewal_id=UUID(made["id"]),
        document=document,
        indication="TOTAL_PASSED",
        made_at=about["occurred_at"],
        files=kept,
    )


async def report(world: World, made: dict[str, Any], document: str) -> SignaturesReported:
    """Signing reports on the document, and renewal knows it."""
    event = await reported(world, made, document, await files(world, document))
    await world.tell(world.signing, event)
    await until(lambda: world.service.database["signature_reports"].find_one({"_id": document}), "the report")
    return event


async def notice(
    world: World, made: dict[str, Any], id: str, failed: int = 0, *, term: date | None = None
) -> NoticeDelivered | NoticeFailed:
    """The notifier proves a notice: about the registration, or with `term` about that last day of use. With
    `failed` the server refused it with that code."""
    facts: dict[str, Any] = {
        **await _about(world, made),
        "notice_id": id,
        "reason": "locked" if term else "registered",
        "channel": "email",
        "contact_id": "5f0c1a52-9f5e-5d0c-8a52-0c1a5f5e8a52",
        "message_id": f"<{id}@giahan.example>",
        "term": term,
        "renewal_id": None if term else UUID(made["id"]),
        "smtp_code": failed or 250,
    }
    event = NoticeFailed(**facts, outcome="refused") if failed else NoticeDelivered(**facts)
    await world.tell(world.signing, event)
    await until(lambda: world.service.database["sent_notices"].find_one({"_id": id}), "the proof")
    return event


async def _about(world: World, made: dict[str, Any]) -> dict[str, Any]:
    told = await world.hears(RenewalRegistered, UUID(made["id"]))
    names = {"subscription_id", "office_ref", "product_code", "effective_on", "occurred_at", "recorded_at"}
    return told.model_dump(include=names)
