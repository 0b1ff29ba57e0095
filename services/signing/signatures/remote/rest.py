"""HTTP: an office signs with a key at a provider, and confirms it on a phone.

The PIN or one-time password goes on to the provider; it is neither stored nor logged.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.signing.domain.attempt import Signable
from services.signing.domain.remote import RemoteFailure, RemoteRefused, RemoteSession
from services.signing.signatures.refusals import as_problems
from services.signing.signatures.remote.choice import CertificateNeeded
from services.signing.signatures.remote.messages import Codes
from services.signing.signatures.remote.service import RemoteSigning
from services.signing.signatures.remote.titles import title_of
from services.signing.signatures.remote.views import RemoteView, found_view, remote_view
from services.signing.signatures.transfers import Kind
from services.signing.texts import CERTIFICATE_NEEDED, REMOTE, UNKNOWN
from shared.events.base import Sha256
from shared.web.people import Person
from shared.web.problems import Problem

T = TypeVar("T")
_Code = Annotated[SecretStr, Field(min_length=1, max_length=100)]
_STATUS = {RemoteFailure.PROVIDER_DOWN: 503, RemoteFailure.PROVIDER_PROBLEM: 502, RemoteFailure.TOO_MANY: 429}


class RemoteBody(BaseModel):
    """`user` is the id of the key, or what else the provider knows the person by. `certificate` is the
    SHA-256 of the one that the person picked; it is needed where none has the office's code. `document` is
    that of the document that the person saw."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: str = Field(max_length=30)
    user: str = Field(min_length=1, max_length=200, pattern=r"^[!-~]([ -~]*[!-~])?$")
    pin: _Code | None = None
    otp: _Code | None = None
    certificate: Sha256 | None = None
    document: Sha256 | None = None


def remote_routes(
    remote: RemoteSigning, renewer: Callable[..., Awaitable[Person]], root: str = "/v1"
) -> APIRouter:
    """For forms and contracts. There are none where no provider is set. `renewer` is the dependency that
    gives the person who renews."""
    routes = APIRouter(prefix=root)
    for kind in remote.signing if remote.clients else ():
        _add(routes, remote, kind, renewer)
    return routes


def _add(
    routes: APIRouter, remote: RemoteSigning, kind: Kind, renewer: Callable[..., Awaitable[Person]]
) -> None:
    path = f"/{kind}s/{{renewal}}/remote"

    async def own_document(renewal: UUID, who: Annotated[Person, Depends(renewer)]) -> Signable:
        """The document. A person of another office gets 404, as if it did not exist."""
        found: Signable | None = await remote.signing[kind].store.get(renewal)
        if found is None or not who.belongs_to(found.subject.office_ref):
            raise Problem(404, f"{kind}-unknown", UNKNOWN[kind])
        return found

    own = Depends(own_document)

    async def view(renewal: UUID, session: RemoteSession | None) -> RemoteView:
        """Loads the document again: a session that has just begun has a new attempt."""
        document = await remote.signing[kind].store.get(renewal)
        if session is None or document is None:
            raise Problem(404, "remote-unknown", UNKNOWN["remote"])
        return remote_view(session, document, remote.clock.now())

    @routes.post(path, status_code=201)
    async def start(renewal: UUID, document: Annotated[Signable, own], body: RemoteBody) -> RemoteView:
        """Begin a signature that the person confirms on a phone. It replaces an earlier one."""
        codes, title = Codes(body.pin, body.otp), title_of(document)
        picked, seen = body.certificate, body.document
        started = remote.begin(
            kind, document, body.provider, body.user, codes, title, picked=picked, seen=seen
        )
        return await view(renewal, await as_problems(_refusals(started, document)))

    @routes.get(path)
    async def look(renewal: UUID, document: Annotated[Signable, own]) -> RemoteView:
        return await view(renewal, await remote.find(kind, document))

    @routes.delete(path)
    async def cancel(renewal: UUID, document: Annotated[Signable, own]) -> RemoteView:
        """Cancel it. The answer says whether it was too late."""
        return await view(renewal, await remote.cancel(kind, document))


async def _refusals(command: Awaitable[T], document: Signable) -> T:
    """The command's result. A refusal becomes a Problem with its text; one for want of a certificate lists
    those from which the person can pick, and says how many more there are."""
    try:
        return await command
    except RemoteRefused as refused:
        name = f"remote-{refused.why.replace('_', '-')}"
        raise Problem(_STATUS.get(refused.why, 409), name, REMOTE[refused.why]) from None
    except CertificateNeeded as needed:
        found = [found_view(document, each).model_dump(mode="json") for each in needed.found.judged]
        more = needed.found.more
        raise Problem(
            409, "remote-certificate-needed", CERTIFICATE_NEEDED, certificates=found, more=more
        ) from None
