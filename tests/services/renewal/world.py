"""The renewal service on real Kafka and MongoDB. The test plays the other services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.renewal.domain.invoice.requested_invoice import RequestedInvoice
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.money import Dialect
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.resources.ledger import ResourceLedger
from services.renewal.main import compose
from services.renewal.resources.service import ResourceService
from services.renewal.settings import RenewalSettings
from services.renewal.stores.invoices import RequestedInvoices
from services.renewal.stores.renewals import Renewals
from services.renewal.stores.resource_ledgers import ResourceLedgers
from services.renewal.stores.subscription_renewals import SubscriptionRenewals
from shared.events.assent import ContractAssented, ContractPaperReceived, ContractPaperReturned
from shared.events.base import DocumentRef, Event
from shared.events.commitment import CommitmentAccepted, CommitmentBroken, CommitmentExtended, PaymentAwaited
from shared.events.dossier import DossierDeleted
from shared.events.invoice import (
    InvoiceIssued,
    InvoiceRequestCancelled,
    InvoiceRequestChanged,
    InvoiceRequested,
)
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperCopyUploaded,
    PaperFormAccepted,
    PaperFormReceived,
    PaperFormReturned,
)
from shared.events.payment import PaymentRecorded
from shared.events.renewal import (
    ContractPrepared,
    ContractVoided,
    DataRecoveryAsked,
    FormReissued,
    RenewalAccepted,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
)
from shared.events.renewer import NoticeSeen, RenewerNamed, RenewerWithdrawn
from shared.events.resources import ResourcesRequested
from shared.ids import fresh, subscription_id
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.storage.aggregate import Cause, Decision
from shared.storage.documents import MongoDocuments, Provenance
from shared.storage.store import Store
from shared.time.clock import Clock
from tests.support.counter import Counter, counter_store
from tests.support.people import Headers, People
from tests.support.service_process import client_of, run_service, serve_app, until

E = TypeVar("E", bound=Event)
HEARD = (
    RenewalRegistered,
    FormReissued,
    SendingChanged,
    RenewalCancelled,
    RenewalAccepted,
    ContractPrepared,
    ContractVoided,
    ContractAssented,
    ContractPaperReceived,
    ContractPaperReturned,
    DataRecoveryAsked,
    PaperCopyUploaded,
    PaperCopyRefused,
    PaperFormReceived,
    PaperFormReturned,
    PaperFormAccepted,
    RenewalRefused,
    RenewerNamed,
    RenewerWithdrawn,
    NoticeSeen,
    CommitmentAccepted,
    CommitmentExtended,
    CommitmentBroken,
    PaymentAwaited,
    PaymentRecorded,
    InvoiceRequested,
    InvoiceRequestChanged,
    InvoiceRequestCancelled,
    InvoiceIssued,
    DossierDeleted,
    ResourcesRequested,
)


@dataclass
class World:
    """`heard`: renewal's events, in order, as a consumer read them."""

    client: httpx.AsyncClient
    app: FastAPI
    people: People
    service: Service
    subscription: Store[Counter]
    signing: Store[Counter]
    others: dict[str, Store[Counter]]
    heard: list[Event] = field(default_factory=list)

    @property
    def documents(self) -> MongoDocuments:
        return self.service.documents

    @property
    def renewals(self) -> Renewals:
        return Renewals(self.service.store("renewals", Renewal, audited=True))

    @property
    def invoices(self) -> RequestedInvoices:
        return RequestedInvoices(self.service.store("invoices", RequestedInvoice, audited=True), Dialect())

    def resources(self, clock: Clock | None = None) -> ResourceService:
        ledgers = ResourceLedgers(self.service.store("resource_ledgers", ResourceLedger, audited=True))
        licences = self.service.projection("licences", LicenceCopy)
        pause = timedelta(minutes=5)
        renewals = SubscriptionRenewals(self.service.store("renewals", Renewal, audited=True))
        return ResourceService(ledgers, renewals, licences, pause, clock or self.service.clock)

    async def tell(self, store: Store[Counter], event: Event) -> None:
        """Publishes the event as its service would: the next event of its aggregate."""
        store = self.others.get(event.TYPE.split(".")[2], store)
        stored = await store.load(event.subscription_id)
        decision = Decision(stored.state if stored else Counter(), (event,))
        await store.save(stored, decision, Cause.command(), id=event.subscription_id)

    async def knows(self, office_ref: str, product_code: str, **fields: Any) -> None:
        """Waits until renewal's copy of the licence has these fields."""
        id = str(subscription_id(office_ref, product_code))
        found = {"_id": id, **fields}
        await until(lambda: self.service.database["licences"].find_one(found), f"licence {fields}")

    async def hears(self, model: type[E], renewal_id: UUID) -> E:
        """Waits for the event of that type about the renewal."""

        async def find() -> E | None:
            about = (event for event in self.heard if isinstance(event, model))
            return next((e for e in about if getattr(e, "renewal_id", None) == renewal_id), None)

        return await until(find, model.__name__)

    async def registration(self, id: UUID | str, who: Headers) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/registrations/{id}", headers=who)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def becomes(self, id: UUID | str, **fields: Any) -> dict[str, Any]:
        """Waits until the registration has these fields, and returns it."""

        async def ask() -> dict[str, Any] | None:
            found = await self.registration(id, self.people.clerk())
            return found if all(found[name] == value for name, value in fields.items()) else None

        return await until(ask, f"registration {fields}")

    async def sealed(self, renewal_id: UUID) -> DocumentRef:
        """Stores a document as signing does for the renewal's sealed contract."""
        data, of = f"%PDF sealed {renewal_id}".encode(), Provenance("sealed_contract", renewal_id)
        return await self.documents.put(data, media_type="application/pdf", name="hop-dong.pdf", of=of)

    async def signed_form(self) -> DocumentRef:
        return await self.documents.put(b"%PDF signed", media_type="application/pdf", name="signed.pdf")


def own_settings(kafka: str, mongo_uri: str, folder: Path, **more: Any) -> RenewalSettings:
    """The settings of a service with its own namespace; its key set is in `folder`."""
    return RenewalSettings(
        environment="local",
        kafka=kafka,
        mongo=mongo_uri,
        namespace=f"t{fresh().hex[:12]}",
        jwks=str(folder / "jwks.json"),
        log_level="warning",
        render_seconds=60,
        **more,
    )


@asynccontextmanager
async def world(settings: RenewalSettings, people: People) -> AsyncIterator[World]:
    service, plan = compose(settings)
    subscription, signing = Service("subscription", settings), Service("signing", settings)
    notifier, platform = Service("notifier", settings), Service("platform", settings)
    told_by = counter_store(subscription), counter_store(signing)
    others = {"notifier": counter_store(notifier), "platform": counter_store(platform)}
    routes, heard = Routes(), list[Event]()

    async def hear(event: Event, cause: Cause) -> None:
        heard.append(event)

    for model in HEARD:
        routes.once(model, hear)
    async with (
        serve_app(service, plan) as app,
        client_of(app) as client,
        run_service(subscription, Plan(Routes(), [])),
        run_service(signing, Plan(routes, [])),
        run_service(notifier, Plan(Routes(), [])),
        run_service(platform, Plan(Routes(), [])),
    ):
        yield World(client, app, people, service, *told_by, others, heard)
    for each in (service, subscription, signing):
        each.client.close()
