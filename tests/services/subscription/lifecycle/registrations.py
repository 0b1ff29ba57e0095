"""A registration's events, as renewal and signing publish them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.events.base import DocumentRef, Event, SendBy, Stage
from shared.events.renewal import (
    Party,
    RenewalRegistered,
    SendingChanged,
    Term,
)
from shared.events.signing import CertificateFacts, FormSigned
from shared.ids import subscription_id
from tests.services.subscription.examples import contract, days, licence
from tests.services.subscription.world import World
from tests.support.service_process import until
from tests.support.topic import publish, raw

OFFICE = "registers"
RENEWAL = UUID(int=5)
PDF = DocumentRef(sha256="1" * 64, size=1, media_type="application/pdf", name="phieu.pdf")
FIELDS = (
    "name",
    "tax_code",
    "budget_code",
    "address",
    "representative",
    "title",
    "contact_name",
    "contact_phone",
    "contact_email",
)


def about(now: datetime) -> dict[str, Any]:
    return {
        "subscription_id": subscription_id(OFFICE, "qlts"),
        "office_ref": OFFICE,
        "product_code": "qlts",
        "effective_on": now.date(),
        "occurred_at": now,
        "recorded_at": now,
    }


def registered(it: World, now: datetime) -> RenewalRegistered:
    known = licence(it.today).model_dump(include=set(FIELDS))
    day = it.today
    term = Term(
        basis_expires_on=day, basis_stage=Stage.LOCKED, term_from=day, term_to=day + days(364), years=1
    )
    return RenewalRegistered(
        **about(now),
        renewal_id=RENEWAL,
        registration_no="GH-1",
        send_by=SendBy.ELECTRONIC,
        office=Party(**known),
        term=term,
        package="standard",
        users=10,
        total_vnd=1,
        form=PDF,
        form_revision=1,
    )


def on_paper(now: datetime) -> SendingChanged:
    ways = {"old_send_by": SendBy.ELECTRONIC, "send_by": SendBy.PAPER}
    return SendingChanged(**about(now), renewal_id=RENEWAL, registration_no="GH-1", **ways)


def signed(it: World, now: datetime) -> FormSigned:
    certificate: CertificateFacts = contract(it.today, it.today + days(365)).certificate
    return FormSigned(
        **about(now),
        renewal_id=RENEWAL,
        form_revision=1,
        issued_form=PDF.sha256,
        signed_form=PDF,
        signed_at=now,
        certificate=certificate,
    )


async def publish_event(it: World, producer: str, event: Event, sequence: int) -> None:
    """Publish it as its own service does."""
    record = raw(event, source=producer, sequence=sequence)
    await publish(it.service.settings.kafka, it.service.names.topic(producer), record)


async def publish_and_wait(it: World, producer: str, event: Event, sequence: int) -> None:
    """Publish it, and wait until it is handled and has changed something."""
    collection = it.service.database["subscriptions"]
    before = await collection.find_one({"office_ref": OFFICE}, {"handled": 1})
    assert before is not None
    await publish_event(it, producer, event, sequence)
    more = {"office_ref": OFFICE, f"handled.{len(before['handled'])}": {"$exists": True}}
    await until(lambda: collection.find_one(more), f"{type(event).__name__} handled")
