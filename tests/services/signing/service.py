"""The signing service in a test, with a producer of other services' events and a consumer of its own."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.people.pki import Pki
from services.signing.domain.contract import ContractSeal, seal_id
from services.signing.domain.form import SigningForm
from services.signing.domain.preservation import PreservedFile
from services.signing.main import compose
from services.signing.preservation.files import PreservedFiles
from services.signing.settings import SigningSettings
from services.signing.store import Forms
from shared.events.base import DocumentRef, Event, SendBy
from shared.events.renewal import ContractPrepared
from shared.events.signing import (
    ContractIssued,
    ContractSigned,
    FormSigned,
    SealFailed,
    SignaturesReported,
    SigningSuperseded,
)
from shared.ids import fresh
from shared.messaging.routes import Routes
from shared.runtime.service import Plan, Service
from shared.runtime.settings import LOCAL_AUDIENCE, LOCAL_ISSUER, Settings
from shared.storage.aggregate import Cause, Decision, State
from shared.storage.documents import Provenance
from shared.storage.store import Store
from tests.services.signing.factory import OFFICE, contract_prepared, paper_accepted, registered, reissue
from tests.services.signing.paper import issued
from tests.support.service_process import client_of, run_service, serve_app, until

SIGN_BY = date(2026, 12, 9)
MARGIN = timedelta(days=90)

E = TypeVar("E", bound=Event)
S = TypeVar("S", bound=State)


class PublishedEvents(State):
    """An aggregate that has nothing but the events that it published."""


@dataclass(slots=True)
class World:
    """`signing` is the service under test and `client` its HTTP side."""

    signing: Service
    app: FastAPI
    client: httpx.AsyncClient
    key: ECKey
    producers: dict[str, Store[PublishedEvents]]
    events: list[Event] = field(default_factory=list)

    async def publish(self, *events: Event) -> None:
        """Publish events as their own service does, over its outbox and relay."""
        for event in events:
            producer = self.producers[event.TYPE.split(".")[2]]
            await producer.save(None, Decision(PublishedEvents(), (event,)), Cause.command(), id=fresh())

    def published(self, kind: type[E], renewal: UUID) -> list[E]:
        """The events that signing has published, of one kind and about one renewal."""
        return [e for e in self.events if isinstance(e, kind) and getattr(e, "renewal_id", None) == renewal]

    async def wait_for(self, kind: type[E], renewal: UUID) -> E:
        """Wait for the first such event."""

        async def found() -> list[E]:
            return self.published(kind, renewal)

        return (await until(found, kind.__name__))[0]

    async def form(self, *, awaits: bool = True, **changed: Any) -> UUID:
        """A new renewal's registered form, once signing knows it."""
        renewal = fresh()
        reference = await self.put(issued())
        await self.publish(registered(**{"renewal_id": renewal, "form": reference, **changed}))
        if awaits:
            await until(lambda: self.forms.get(renewal), "the form")
        return renewal

    async def reissued(self, renewal: UUID) -> tuple[str, str]:
        """Issue the form anew. Returns the hashes of its earlier and its present revision, once signing knows
        that."""
        form = await self.forms.get(renewal)
        assert form is not None
        document = await self.put(issued("office", f"revision-{form.revision + 1}"))
        await self.publish(reissue(renewal_id=renewal, form=document, form_revision=form.revision + 1))

        async def known() -> bool:
            now = await self.forms.get(renewal)
            return now is not None and now.form == document

        await until(known, "the form issued anew")
        return form.form.sha256, document.sha256

    async def accepted_on_paper(self, **changed: Any) -> UUID:
        """A new renewal's form, sent on paper and accepted by the desk."""
        renewal = await self.form(send_by=SendBy.PAPER, **changed)
        about = {name: value for name, value in changed.items() if name in ("office_ref", "product_code")}
        await self.publish(paper_accepted(renewal_id=renewal, **about))

        async def accepted() -> bool:
            form = await self.forms.get(renewal)
            return form is not None and form.accepted_paper is not None

        await until(accepted, "the paper form accepted")
        return renewal

    async def waiting_contract(self, renewal: UUID, **changed: Any) -> ContractPrepared:
        """A contract on record at signing, which waits for its office's signature."""
        document = await self.put(issued("office", "vendor"), Provenance("contract", renewal))
        event = contract_prepared(renewal_id=renewal, contract=document, sign_by=SIGN_BY, **changed)
        await self.publish(event)
        await until(lambda: self.contracts.load(seal_id(renewal)), "the contract on record")
        return event

    @property
    def forms(self) -> Forms:
        return Forms(self._store("forms", SigningForm))

    @property
    def contracts(self) -> Store[ContractSeal]:
        return self._store("contracts", ContractSeal)

    @property
    def preserved(self) -> PreservedFiles:
        return PreservedFiles(self._store("preserved", PreservedFile), self.signing.clock, MARGIN)

    def _store(self, name: str, model: type[S]) -> Store[S]:
        collection = self.signing.database[name]
        return Store(collection, model, source="signing", clock=self.signing.clock, wakes=self.signing.wakes)

    async def put(self, pdf: bytes, of: Provenance | None = None) -> DocumentRef:
        return await self.signing.documents.put(pdf, media_type="application/pdf", name="form.pdf", of=of)

    def bearer(self, office: str = OFFICE, role: str = "renewer", language: str = "vi") -> dict[str, str]:
        """The headers of a person of that office."""
        token = self.token(office, role)
        return {"authorization": f"Bearer {token}", "accept-language": language}

    def token(self, office: str = OFFICE, role: str = "renewer") -> str:
        about = {"iss": LOCAL_ISSUER, "aud": LOCAL_AUDIENCE, "exp": int(time.time()) + 600}
        claims = {**about, "jti": str(fresh()), "sub": "p1", "office_ref": office, "roles": [role]}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)


def server_settings(kafka: str, mongo_uri: str, folder: Path) -> Settings:
    """Those of a service on these servers, in a namespace of its own. `folder` gets the people's keys."""
    return Settings(
        environment="local",
        kafka=kafka,
        mongo=mongo_uri,
        namespace=f"t{fresh().hex[:12]}",
        jwks=str(folder / "jwks.json"),
        log_level="warning",
        writes_a_minute=100_000,
    )


def signing_settings(settings: Settings, pki: Pki, **changed: object) -> SigningSettings:
    return SigningSettings.model_validate(
        {
            **settings.model_dump(),
            "trust_roots": pki.trust_roots,
            "trust_intermediates": pki.trust_intermediates,
            "crls": pki.crls,
            "seal_p12": pki.vendor,
            "seal_password": pki.password,
            "pdf_processes": 1,
            **changed,
        }
    )


@asynccontextmanager
async def world(settings: SigningSettings) -> AsyncIterator[World]:
    key = _key(Path(settings.jwks))
    signing, plan = compose(settings)
    services = {name: Service(name, settings) for name in ("renewal", "subscription", "notifier")}
    producers = {name: service.store("published", PublishedEvents) for name, service in services.items()}
    events: list[Event] = []
    async with (
        run_service(services["renewal"], Plan(Routes(), [])),
        run_service(services["subscription"], Plan(Routes(), [])),
        run_service(services["notifier"], Plan(_routes_into(events), [])),
        serve_app(signing, plan) as app,
        client_of(app) as client,
    ):
        yield World(signing, app, client, key, producers, events)


def _key(published: Path) -> ECKey:
    """The key that signs people's tokens; its public half is published."""
    key = ECKey.generate_key("P-256", {"kid": "test"})
    published.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return key


def _routes_into(events: list[Event]) -> Routes:
    async def record(event: Event, cause: Cause) -> None:
        events.append(event)

    routes = Routes()
    signed = (FormSigned, ContractSigned, ContractIssued, SignaturesReported)
    for kind in (*signed, SealFailed, SigningSuperseded):
        routes.once(kind, record)
    return routes
