"""Records at the renewal service what the e-invoice system issued, as an adapter does it."""

from base64 import b64encode
from dataclasses import dataclass, field

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from deploy.local.host.ports import HOST, Ports
from deploy.local.platform.invoice_provider import InvoiceOrder, ProviderInvoice

log = structlog.get_logger()

_PERSON = "einvoice"
_SECONDS = 20.0
_PROBLEM = "urn:giahan:problem:"
FINAL = (
    "registration-unknown",
    "invoice-unknown",
    "invoice-known",
    "invoice-elsewhere",
    "invoice-invalid",
    "invoices-full",
    "invoice-files-full",
    "upload-bad",
    "invalid",
    "idempotency-key-reused",
    "too-large",
)
"""Problems that a repeat does not change. A status alone says nothing: a proxy answers 404 too."""
_AWAY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)


class _Problem(BaseModel):
    type: str


class NotRecorded(Exception):
    """This invoice can't be recorded now: try it again later."""


class ServiceAway(NotRecorded):
    """The renewal service can't be reached, or wants to be left alone for a while: no other invoice would be
    recorded either."""


@dataclass(slots=True)
class InvoiceRecorder:
    """`ports`: where the renewal service listens, and the pages that sign people and systems in."""

    ports: Ports
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(timeout=_SECONDS, trust_env=False)
    )
    _token: str = ""

    async def close(self) -> None:
        await self.http.aclose()

    async def record(self, order: InvoiceOrder, issued: ProviderInvoice) -> bool:
        """Whether it is recorded; False where the service refuses it for good. The key stands for the
        request's revision, so a repeat records nothing new. Raises NotRecorded, and ServiceAway."""
        body = {
            "renewal_id": str(order.renewal_id),
            "symbol": issued.symbol,
            "number": issued.number,
            "dated": issued.dated.isoformat(),
            "lookup_code": issued.lookup_code,
            "total": order.total_vnd,
            "request_revision": order.revision,
            "files": [b64encode(file).decode() for file in issued.files],
        }
        key = f"{order.renewal_id}-{order.revision}"
        answer = await self._post(body, key)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = ""
            answer = await self._post(body, key)
        if answer.is_success:
            return True
        if answer.status_code in _AWAY:
            raise ServiceAway(f"status {answer.status_code}")
        if (problem := _problem(answer)) in FINAL:
            log.warning("einvoice.refused", registration=order.registration_no, problem=problem)
            return False
        raise NotRecorded(f"status {answer.status_code}")

    async def _post(self, body: dict[str, object], key: str) -> httpx.Response:
        url = f"http://{HOST}:{self.ports.renewal}/v1/invoices"
        try:
            headers = {"authorization": f"Bearer {await self._signed_in()}", "idempotency-key": key}
            return await self.http.post(url, json=body, headers=headers)
        except httpx.HTTPError as error:
            away = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.HTTPStatusError)
            raise (ServiceAway if away else NotRecorded)(type(error).__name__) from error

    async def _signed_in(self) -> str:
        if not self._token:
            answer = await self.http.post(f"http://{HOST}:{self.ports.pages}/people/{_PERSON}/token")
            answer.raise_for_status()
            self._token = answer.json()["token"]
        return self._token


def _problem(answer: httpx.Response) -> str:
    """The name of the problem; empty where the answer is none of the renewal service's."""
    try:
        return _Problem.model_validate_json(answer.content).type.removeprefix(_PROBLEM)
    except ValidationError:
        return ""
