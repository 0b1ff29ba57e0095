"""Builds the flow by which an office signs: its services, its routes and its pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

import httpx
from fastapi import APIRouter, Depends

from services.signing.domain.attempt import Signable
from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.domain.remote import RemoteSession
from services.signing.evidence.downloads import Downloads, host_of
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.stamp.image import LARGEST as LARGEST_IMAGE
from services.signing.pades.uploaded.file import LARGEST
from services.signing.pages.site import ASSETS, CATALOGUE, ROOT, build_site
from services.signing.preservation.files import PreservedFiles
from services.signing.settings import RemoteProvider, SigningSettings
from services.signing.signatures import rest
from services.signing.signatures.pages.document import SigningDocument, contract_document, form_document
from services.signing.signatures.pages.signing_page import SigningPage, entry_route, signing_pages
from services.signing.signatures.prepared_pdfs import PreparedPdfStore
from services.signing.signatures.remote.client import CscClient
from services.signing.signatures.remote.follower import RemoteFollower
from services.signing.signatures.remote.rest import remote_routes
from services.signing.signatures.remote.service import RemoteSigning
from services.signing.signatures.remote.sessions import INDEX as REMOTE
from services.signing.signatures.remote.sessions import RemoteSessions
from services.signing.signatures.service import SigningService
from services.signing.signatures.transfer_rest import opening_route, transfer_routes
from services.signing.signatures.transfers import INDEX as TRANSFERS
from services.signing.signatures.transfers import Kind, Transfers
from services.signing.store import Appointment, Contracts, Forms, renewer_of
from shared.background.heartbeat import Heartbeat
from shared.runtime.service import Loop, Service
from shared.storage.projection import Projection
from shared.storage.store import Store
from shared.web.pages.assets import asset_routes
from shared.web.pages.auth import auth_routes, not_found_route, session_routes
from shared.web.pages.ended_sessions import INDEX, EndedSessions, SessionVerifier
from shared.web.pages.guard import RequestGuard
from shared.web.pages.origins import Origins
from shared.web.pages.session import Visitor
from shared.web.pages.shell import Shell
from shared.web.people import Person, Role, forbidden, require_person

S = TypeVar("S", bound=Signable)

_FORM_FIELDS = 64 * 1024
_CERTIFICATES = 256 * 1024
_REMOTE_LIMIT = 60.0
LARGER_BODIES = {
    f"{root}/{kind}s/{{id}}/{name}": LARGEST + _FORM_FIELDS
    for root, name in (("/v1", "signed-file"), (ROOT, "upload"))
    for kind in ("form", "contract")
}
LARGER_BODIES[f"{ROOT}/transfers/{{secret}}"] = LARGEST + _FORM_FIELDS
LARGER_BODIES |= {
    f"{root}/{kind}s/{{id}}/attempts": 3 * LARGEST_IMAGE + _CERTIFICATES  # two images in base64
    for root in ("/v1", f"{ROOT}/api")
    for kind in ("form", "contract")
}
"""Bytes by path: the file, and what a form sends with it."""


@dataclass(frozen=True, slots=True)
class SignatureFlow:
    settings: SigningSettings
    verifier: SessionVerifier
    forms: SigningService[SigningForm]
    contracts: SigningService[ContractSeal]
    transfers: Transfers
    remote: RemoteSigning

    def routers(self) -> list[APIRouter]:
        renewer = require_person(self.verifier, Role.RENEWER, cost=2)
        return [
            rest.forms(self.forms, renewer),
            rest.contracts(self.contracts, renewer),
            remote_routes(self.remote, renewer),
            session_routes(self.verifier),
            *self._pages(),
        ]

    def loops(self) -> list[Loop]:
        """Where no provider is set there is nothing to follow."""
        heartbeat = Heartbeat("remote", limit=_REMOTE_LIMIT)
        return [Loop(self.remote.follower.run, heartbeat, always=True)] if self.remote.clients else []

    async def close(self) -> None:
        for client in self.remote.clients.values():
            await client.quick.client.aclose()

    def _pages(self) -> list[APIRouter]:
        site = build_site(self.settings)
        origins = Origins.read(self.settings.sign_in_origins, secure=site.secure)
        guard = RequestGuard(self.verifier, origins)
        script, api = _script_renewer(guard), f"{site.root}/api"
        signing = self.remote.signing
        return [
            auth_routes(site, guard),
            asset_routes(site, ASSETS),
            entry_route(site, self.settings.portal_url),
            rest.forms(self.forms, script, api),
            rest.contracts(self.contracts, script, api),
            remote_routes(self.remote, script, api),
            opening_route(site.root, api, self.transfers, signing, self.verifier, script),
            transfer_routes(
                site.root, self.transfers, signing, self.verifier, CATALOGUE.both("upload.empty")
            ),
            signing_pages(self._page(site, self.forms, form_document, "form"), guard),
            signing_pages(self._page(site, self.contracts, contract_document, "contract"), guard),
            not_found_route(site),
        ]

    def _page(
        self,
        site: Shell,
        signing: SigningService[S],
        describe: Callable[[S], SigningDocument],
        kind: Literal["form", "contract"],
    ) -> SigningPage[S]:
        return SigningPage(
            site=site,
            signing=signing,
            remote=self.remote,
            describe=describe,
            kind=kind,
            portal_url=self.settings.portal_url,
            kyso=self.settings.kyso,
        )


def build(
    service: Service,
    settings: SigningSettings,
    forms: Forms,
    contracts: Store[ContractSeal],
    appointments: Projection[Appointment],
    deferred_signer: DeferredSigner,
    preserved: PreservedFiles,
) -> SignatureFlow:
    lifetime, limit = settings.attempt_lifetime, settings.answer_seconds
    prepared = PreparedPdfStore(service.documents, service.real, lifetime)
    parts = (service.documents, prepared, deferred_signer, service.clock, lifetime, preserved, limit)
    ended = EndedSessions(service.collection("ended_sessions", INDEX), service.real)
    form_signing, contract_signing = (
        SigningService(forms, *parts),
        SigningService(Contracts(contracts), *parts),
    )
    return SignatureFlow(
        settings,
        SessionVerifier(settings.platform, renewer_of(appointments), ended),
        form_signing,
        contract_signing,
        Transfers(service.collection("transfers", TRANSFERS), service.real, lifetime),
        _remote(service, settings, {"form": form_signing, "contract": contract_signing}),
    )


def _remote(
    service: Service, settings: SigningSettings, signing: Mapping[Kind, SigningService[Any]]
) -> RemoteSigning:
    """Remote sessions publish nothing, so the relay does not look at their collection."""
    rows, wakes = service.collection("remote_sessions", REMOTE), service.wakes
    store = Store(rows, RemoteSession, source=service.name, clock=service.clock, wakes=wakes)
    clients = {each.name: _csc_client(each, settings) for each in settings.remote_providers}
    sessions = RemoteSessions(store)
    follower = RemoteFollower(
        sessions,
        clients,
        signing,
        service.clock,
        service.real,
        service.holder,
        settings.remote_poll_seconds,
    )
    lasts, old_padding = timedelta(seconds=settings.remote_confirm_seconds), settings.old_padding
    return RemoteSigning(sessions, clients, signing, follower, service.clock, lasts, old_padding)


def _csc_client(provider: RemoteProvider, settings: SigningSettings) -> CscClient:
    hosts = frozenset(map(host_of, (provider.url, provider.token_address)))
    timeout = httpx.Timeout(None, connect=settings.fetch_seconds)
    limits = httpx.Limits(max_connections=None)  # who confirms slowly must not keep others waiting
    client = httpx.AsyncClient(follow_redirects=False, timeout=timeout, limits=limits)
    quick = Downloads(client, hosts, settings.fetch_seconds)
    return CscClient(provider, quick, Downloads(client, hosts, settings.remote_confirm_seconds))


def _script_renewer(guard: RequestGuard) -> rest.Renewer:
    """The renewer whose page calls. Raises a 403 problem for anybody else."""

    async def renewer(visitor: Annotated[Visitor, Depends(guard.script)]) -> Person:
        if Role.RENEWER not in visitor.person.roles:
            raise forbidden()
        return visitor.person

    return renewer
