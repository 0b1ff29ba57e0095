"""An authority with responders on this machine, and a signer who asks them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from deploy.local.people.office_signer import Token
from deploy.local.people.pki import FROM, UNTIL, Credential, Pki, ensure_pki
from services.signing.evidence.downloads import Downloads
from services.signing.evidence.source import Authorities
from services.signing.evidence.trust_files import TrustFiles
from services.signing.pades.deferred_signer import DeferredSigner
from services.signing.pades.worker_tasks import SignedPdf, SigningPolicy, configure_worker
from shared.background.workers import Workers
from tests.services.signing.evidence.responders import Responders, serve
from tests.services.signing.paper import issued

AT = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)

MakeSigner = Callable[..., DeferredSigner]


@pytest.fixture(scope="package")
def own_pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Only the root's list is at hand: whoever wants to know of a holder's certificate must ask."""
    pki = ensure_pki(tmp_path_factory.mktemp("responders") / "pki")
    (pki.crls / "issuing.crl").unlink()
    return pki


@pytest.fixture(scope="package")
async def served(own_pki: Pki) -> AsyncIterator[Responders]:
    async with serve(Responders(own_pki, AT)) as responders:
        yield responders


@pytest.fixture
def responders(served: Responders) -> Responders:
    served.be_honest()
    served.moment = AT
    return served


@pytest.fixture(scope="package")
async def workers() -> AsyncIterator[Workers]:
    made = Workers(1, limit=30, prepare=configure_worker)
    yield made
    await made.close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(follow_redirects=False) as made:
        yield made


@pytest.fixture
def make_signer(
    responders: Responders, workers: Workers, client: httpx.AsyncClient, own_pki: Pki
) -> MakeSigner:
    def make(
        *, stamps: bool = True, hosts: frozenset[str] | None = None, seconds: float = 20.0, **policy: bool
    ) -> DeferredSigner:
        files = TrustFiles(
            own_pki.trust_roots,
            own_pki.trust_intermediates,
            own_pki.crls,
            require_revocation=policy.pop("require_revocation", False),
        )
        current = SigningPolicy(files.current(), "Asia/Ho_Chi_Minh", old_padding=False, **policy)
        allowed = frozenset({responders.host}) if hosts is None else hosts
        authorities = Authorities(
            Downloads(client, allowed, seconds), f"{responders.url}/tsa" if stamps else ""
        )
        return DeferredSigner(workers, lambda: current, authorities)

    return make


@pytest.fixture
def office_with_responder(responders: Responders) -> Credential:
    return responders.issue("with-responder")


async def sign(
    signer: DeferredSigner, who: Credential, form: bytes | None = None, place: str = "office"
) -> SignedPdf:
    """The form signed as the service does it; the key signs as the office's tool does."""
    pdf = form or issued()
    _, ready = await signer.begin(pdf, place, who.chain, AT)
    value = Token(who.p12.read_bytes(), who.password).sign(ready.digest, ready.algorithm)
    return await signer.finish(pdf, place, ready.pdf, ready.resumable, ready.algorithm, value, AT)


def with_own_lists(signer: DeferredSigner, pki: Pki, folder: Path) -> DeferredSigner:
    """The signer where our own lists, in `folder`, say of every certificate that it is good."""
    (folder / "issuing.crl").write_bytes(pki.issuing.revocations((), (FROM, UNTIL)))
    for each in pki.crls.glob("*.crl"):
        (folder / each.name).write_bytes(each.read_bytes())
    current = signer.current_policy()
    policy = replace(current, trust=replace(current.trust, crls=folder))
    return replace(signer, current_policy=lambda: policy)
