"""Every route of the service, from its own table, requested by every kind of person: who may, and who may
not.

A forbidden request changes nothing, and a person of another office gets the answer for something that doesn't
exist. A new route needs a line in EXPECTED; otherwise a test fails.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from services.renewal.domain.paper.sheet import Sheet
from shared.events.base import Stage
from shared.ids import derived, fresh, subscription_id
from shared.storage.aggregate import Cause, Decision
from shared.web.people import Role
from tests.services.renewal.offices import licensed, post, request
from tests.services.renewal.pages.reader import Reader, csrf
from tests.services.renewal.paper.batches import enter, opened
from tests.services.renewal.payment.slips import sample_slip
from tests.services.renewal.world import World
from tests.support.people import Headers
from tests.support.service_process import client_of, until

pytestmark = pytest.mark.usefixtures("rendered_once")

OK = (200, 201, 202, 204, 303, 409, 422)
"""The person may; other tests check the result."""
ASKERS = ("nobody", "other renewer", "other member", "member", "ops", "renewer", "desk")
"""Those with the fewest rights are first, so that everything still exists when they try."""


class May(Enum):
    """The expected answer for each of ASKERS."""

    ALL = (OK, OK, OK, OK, OK, OK, OK)
    WHO_IS_SIGNED_IN = ((401,), OK, OK, OK, OK, OK, OK)
    READ = ((401,), (404,), (404,), OK, OK, OK, OK)
    WRITE = ((401,), (404,), (403, 404), (403,), (403,), OK, OK)
    DECIDE = ((401,), (403,), (403,), (403,), (403,), (403,), OK)
    NAMED_PAGE = ((401,), (403,), (403,), (403,), (403,), (403,), (404,))
    """The answer for what isn't there: an appointed renewer, a statement, a grant."""
    NOTHING = ((401, 404), *((404,),) * 6)


INVOICE = b"%PDF-1.4 invoice"
SLIP = sample_slip()
_BATCHES = "/v1/desk/batches"
_BATCH = f"{_BATCHES}/{{batch}}"
_QUEUE = "/v1/desk/queue"
_DESK = "/renewal/desk"
_INTAKE = "/renewal/desk/intake"
_POST = f"{_INTAKE}/{{batch}}"
_PRODUCT = "/v1/offices/{office_ref}/products/{product_code}"
_RENEWER = "/v1/offices/{office_ref}/renewer"
_PAGES = "/renewal/o/{office_ref}"
_PAGE = f"{_PAGES}/{{product_code}}"

EXPECTED = {
    "GET /openapi.json": May.ALL,
    "GET /health/live": May.ALL,
    "GET /health/ready": May.ALL,
    "GET /metrics": May.ALL,
    "POST /v1/registrations": May.WRITE,
    "POST /v1/joint-registrations": May.WRITE,
    "PUT /v1/joint-registrations/{id}/allocation": May.DECIDE,
    "GET /renewal/joint/{office_ref}": May.WRITE,
    "POST /renewal/joint/{office_ref}": May.WRITE,
    "GET /renewal/joint/{office_ref}/review": May.WRITE,
    "POST /renewal/joint/{office_ref}/review": May.WRITE,
    "POST /renewal/desk/registrations/{id}/payment/allocation": May.DECIDE,
    "GET /v1/registrations": May.READ,
    "GET /v1/registrations/{id}": May.READ,
    "PUT /v1/registrations/{id}/sending": May.WRITE,
    "POST /v1/registrations/{id}/term-confirmation": May.WRITE,
    "POST /v1/registrations/{id}/cancellation": May.WRITE,
    "GET /v1/registrations/{id}/progress": May.READ,
    "GET /v1/registrations/{id}/payment": May.READ,
    "POST /v1/registrations/{id}/payment-claim": May.WRITE,
    "POST /v1/registrations/{id}/payment/slips": May.WRITE,
    "GET /v1/registrations/{id}/payment/slips/{sha256}": May.READ,
    "GET /v1/registrations/{id}/payment/papers": May.READ,
    "GET /v1/registrations/{id}/payment/papers/{paper}": May.READ,
    "POST /v1/registrations/{id}/payment-claim/refusal": May.DECIDE,
    "POST /v1/registrations/{id}/receipts": May.DECIDE,
    "POST /v1/registrations/{id}/receipts/{receipt_id}/reversal": May.DECIDE,
    "GET /v1/desk/payments": May.DECIDE,
    "GET /v1/desk/payments/over": May.DECIDE,
    "GET /v1/desk/commitments": May.DECIDE,
    "GET /v1/desk/statements": May.DECIDE,
    "POST /v1/desk/statements": May.DECIDE,
    "GET /v1/desk/statements/{id}": May.NAMED_PAGE,
    "GET /v1/desk/statement-layouts": May.DECIDE,
    "PUT /v1/desk/statement-layouts/{name}": May.DECIDE,
    "GET /v1/desk/bank-lines": May.DECIDE,
    "GET /v1/desk/bank-lines/found": May.DECIDE,
    "POST /v1/desk/bank-lines/{id}/assignment": May.DECIDE,
    "POST /v1/desk/bank-lines/{id}/set-aside": May.DECIDE,
    "POST /v1/desk/bank-lines/{id}/reopening": May.DECIDE,
    f"GET {_DESK}/statements": May.DECIDE,
    f"POST {_DESK}/statements": May.DECIDE,
    f"GET {_DESK}/bank-lines": May.DECIDE,
    f"POST {_DESK}/bank-lines/{{id}}/assign": May.DECIDE,
    f"POST {_DESK}/bank-lines/{{id}}/set-aside": May.DECIDE,
    f"POST {_DESK}/bank-lines/{{id}}/reopen": May.DECIDE,
    f"GET {_DESK}/statement-layouts": May.DECIDE,
    f"POST {_DESK}/statement-layouts": May.DECIDE,
    "POST /v1/registrations/{id}/commitment/acceptance": May.DECIDE,
    "POST /v1/registrations/{id}/commitment/refusal": May.DECIDE,
    "POST /v1/registrations/{id}/commitment/extension": May.DECIDE,
    "GET /renewal/registrations/{id}/transfer": May.READ,
    "POST /renewal/registrations/{id}/transfer": May.WRITE,
    "GET /renewal/registrations/{id}/transfer/slips/{sha256}": May.READ,
    "GET /renewal/registrations/{id}/transfer/papers/{paper}": May.READ,
    f"GET {_DESK}/payments": May.DECIDE,
    f"GET {_DESK}/registrations/{{id}}/payment": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment/refuse": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment/commitment/accept": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment/commitment/refuse": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment/commitment/extend": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/payment/{{receipt}}/reverse": May.DECIDE,
    "GET /v1/registrations/{id}/invoice": May.READ,
    "PUT /v1/registrations/{id}/invoice": May.WRITE,
    "GET /v1/registrations/{id}/invoice/files/{sha256}": May.READ,
    "POST /v1/registrations/{id}/invoice/request": May.DECIDE,
    "POST /v1/registrations/{id}/invoice/cancellation": May.DECIDE,
    "POST /v1/registrations/{id}/invoice/look": May.DECIDE,
    "GET /v1/invoices": May.DECIDE,
    "POST /v1/invoices": May.DECIDE,
    "POST /v1/registrations/{id}/invoices/{invoice_id}/files": May.DECIDE,
    "GET /v1/registrations/{id}/dossier": May.READ,
    "GET /v1/registrations/{id}/dossier.zip": May.READ,
    "GET /renewal/registrations/{id}/dossier": May.READ,
    "GET /v1/registrations/{id}/dossier/reports/{sha256}": May.NOTHING,
    "GET /renewal/registrations/{id}/dossier/reports/{sha256}": May.NOTHING,
    "GET /renewal/kiem-tra-ho-so.pyz": May.ALL,
    "GET /v1/desk/dossiers": May.DECIDE,
    "GET /v1/registrations/{id}/dossier/retention": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/hold": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/hold/confirmation": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/hold/lifting": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/deletion": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/deletion/withdrawal": May.DECIDE,
    "POST /v1/registrations/{id}/dossier/deletion/approval": May.DECIDE,
    f"GET {_DESK}/dossiers": May.DECIDE,
    f"GET {_DESK}/registrations/{{id}}/dossier": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/dossier/{{step}}": May.DECIDE,
    "GET /renewal/registrations/{id}/dossier.zip": May.READ,
    "GET /renewal/registrations/{id}/invoice": May.READ,
    "POST /renewal/registrations/{id}/invoice": May.WRITE,
    "GET /renewal/registrations/{id}/invoice/files/{sha256}": May.READ,
    f"GET {_DESK}/invoices": May.DECIDE,
    f"GET {_DESK}/registrations/{{id}}/invoice": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/request": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/change": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/cancel": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/look": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/record": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/invoice/{{issued}}/file": May.DECIDE,
    f"GET {_PRODUCT}/resources": May.READ,
    f"POST {_PRODUCT}/resources/update": May.WRITE,
    "GET /v1/desk/grants": May.DECIDE,
    "POST /v1/desk/grants/requests": May.NAMED_PAGE,
    "POST /v1/desk/grants/closures": May.NAMED_PAGE,
    f"GET {_PAGE}/resources": May.READ,
    f"POST {_PAGE}/resources": May.WRITE,
    f"GET {_DESK}/resources": May.DECIDE,
    f"POST {_DESK}/resources": May.DECIDE,
    f"POST {_DESK}/resources/{{subscription_id}}/{{grant_id}}/close": May.DECIDE,
    "POST /v1/registrations/{id}/accept": May.DECIDE,
    "POST /v1/registrations/{id}/refuse": May.DECIDE,
    "POST /v1/registrations/{id}/again": May.WRITE,
    "POST /v1/registrations/{id}/paper/copy": May.WRITE,
    "POST /v1/registrations/{id}/paper/copy/refuse": May.DECIDE,
    "POST /v1/registrations/{id}/paper/accept": May.DECIDE,
    "POST /v1/registrations/{id}/contract/void": May.DECIDE,
    "GET /v1/desk/void-proposals": May.DECIDE,
    "POST /v1/registrations/{id}/contract/void-proposal": May.DECIDE,
    "POST /v1/registrations/{id}/contract/void-proposal/withdrawal": May.DECIDE,
    "POST /v1/registrations/{id}/contract/void-proposal/approval": May.DECIDE,
    "POST /v1/registrations/{id}/paper/return": May.DECIDE,
    "GET /v1/desk/find": May.DECIDE,
    "GET /v1/desk/offices": May.DECIDE,
    f"GET {_QUEUE}": May.DECIDE,
    f"GET {_QUEUE}/counts": May.DECIDE,
    f"GET {_QUEUE}/file.{{kind}}": May.DECIDE,
    f"POST {_QUEUE}/next": May.DECIDE,
    "GET /v1/desk/registrations/{id}": May.DECIDE,
    "PUT /v1/desk/registrations/{id}/claim": May.DECIDE,
    "DELETE /v1/desk/registrations/{id}/claim": May.DECIDE,
    "POST /v1/desk/decisions/preview": May.DECIDE,
    "POST /v1/desk/decisions": May.DECIDE,
    f"POST {_BATCHES}": May.DECIDE,
    f"GET {_BATCHES}": May.DECIDE,
    f"GET {_BATCH}": May.DECIDE,
    f"GET {_BATCH}/closing": May.DECIDE,
    f"POST {_BATCH}/closing": May.DECIDE,
    f"POST {_BATCH}/entries": May.DECIDE,
    f"GET {_BATCH}/entries": May.DECIDE,
    f"DELETE {_BATCH}/entries/{{entry}}": May.DECIDE,
    f"POST {_BATCH}/entries/{{entry}}/scan": May.DECIDE,
    f"POST {_BATCH}/feeds": May.DECIDE,
    f"GET {_BATCH}/feeds": May.DECIDE,
    f"GET {_BATCH}/sheets": May.DECIDE,
    f"PUT {_BATCH}/sheets/{{sheet}}": May.DECIDE,
    f"GET {_BATCH}/sheets/{{sheet}}/picture": May.DECIDE,
    "GET /v1/documents/{sha256}": May.READ,
    "GET /v1/catalogue/{product_code}": May.WHO_IS_SIGNED_IN,
    "GET /v1/offices/{office_ref}/products": May.READ,
    "GET /v1/offices/{office_ref}/registrations/file.{kind}": May.READ,
    f"GET {_PRODUCT}/draft": May.READ,
    f"PUT {_PRODUCT}/draft": May.WRITE,
    f"DELETE {_PRODUCT}/draft": May.WRITE,
    f"POST {_PRODUCT}/review": May.READ,
    f"GET {_PRODUCT}/recoveries": May.READ,
    f"POST {_PRODUCT}/recoveries": May.WRITE,
    "DELETE /v1/session": May.WHO_IS_SIGNED_IN,
    "POST /renewal/session": May.WHO_IS_SIGNED_IN,
    "POST /renewal/sign-out": May.WHO_IS_SIGNED_IN,
    "GET /renewal/assets/{name}": May.ALL,
    "GET /renewal/conditions/{line}/{day}": May.ALL,
    "GET /renewal/giahan-renew.js": May.ALL,
    "GET /renewal/guide": May.ALL,
    "GET /renewal/guide/pictures/{name}": May.ALL,
    "GET /renewal": May.WHO_IS_SIGNED_IN,
    f"GET {_PAGES}": May.READ,
    f"GET {_PAGES}/history": May.READ,
    f"GET {_PAGES}/history/file.{{kind}}": May.READ,
    f"GET {_PAGE}": May.READ,
    f"GET {_PAGE}/notice": May.READ,
    f"GET {_PAGE}/declare": May.WRITE,
    f"POST {_PAGE}/declare": May.WRITE,
    f"GET {_PAGE}/review": May.WRITE,
    f"GET {_PAGE}/send": May.WRITE,
    f"POST {_PAGE}/send": May.WRITE,
    f"GET {_PAGE}/recovery": May.WRITE,
    f"POST {_PAGE}/recovery": May.WRITE,
    "GET /renewal/registrations/{id}": May.READ,
    "POST /renewal/registrations/{id}/sending": May.WRITE,
    "POST /renewal/registrations/{id}/confirm": May.WRITE,
    "GET /renewal/registrations/{id}/again": May.WRITE,
    "POST /renewal/registrations/{id}/again": May.WRITE,
    "GET /renewal/registrations/{id}/show": May.WRITE,
    "POST /renewal/registrations/{id}/show": May.WRITE,
    "GET /renewal/registrations/{id}/cancel": May.WRITE,
    "POST /renewal/registrations/{id}/cancel": May.WRITE,
    "GET /renewal/documents/{sha256}": May.READ,
    f"GET {_INTAKE}": May.DECIDE,
    f"POST {_INTAKE}": May.DECIDE,
    f"GET {_POST}": May.DECIDE,
    f"POST {_POST}/enter": May.DECIDE,
    f"POST {_POST}/feed": May.DECIDE,
    f"GET {_POST}/close": May.DECIDE,
    f"POST {_POST}/close": May.DECIDE,
    f"GET {_POST}/unread": May.DECIDE,
    f"GET {_POST}/entries/{{entry}}": May.DECIDE,
    f"POST {_POST}/entries/{{entry}}/undo": May.DECIDE,
    f"POST {_POST}/entries/{{entry}}/scan": May.DECIDE,
    f"GET {_POST}/sheets": May.DECIDE,
    f"GET {_POST}/sheets/{{sheet}}": May.DECIDE,
    f"POST {_POST}/sheets/{{sheet}}": May.DECIDE,
    f"GET {_POST}/sheets/{{sheet}}/picture": May.DECIDE,
    f"GET {_DESK}": May.DECIDE,
    f"GET {_DESK}/file.{{kind}}": May.DECIDE,
    f"GET {_DESK}/find": May.DECIDE,
    f"POST {_DESK}/next": May.DECIDE,
    f"GET {_DESK}/registrations/{{id}}": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/decide": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/claim": May.DECIDE,
    f"POST {_DESK}/registrations/{{id}}/release": May.DECIDE,
    f"POST {_DESK}/bulk": May.DECIDE,
    f"POST {_DESK}/bulk/decide": May.DECIDE,
    "GET /v1/desk/items": May.DECIDE,
    "POST /v1/desk/items/{id}/done": May.DECIDE,
    "POST /v1/desk/items/{id}/release": May.DECIDE,
    f"GET {_DESK}/items": May.DECIDE,
    f"POST {_DESK}/items/{{id}}/done": May.DECIDE,
    f"POST {_DESK}/items/{{id}}/release": May.DECIDE,
    f"GET {_RENEWER}": May.DECIDE,
    f"PUT {_RENEWER}": May.DECIDE,
    f"POST {_RENEWER}/withdrawal": May.DECIDE,
    f"GET {_RENEWER}/evidence": May.DECIDE,
    f"GET {_DESK}/offices/{{office_ref}}/renewer": May.DECIDE,
    f"POST {_DESK}/offices/{{office_ref}}/renewer": May.DECIDE,
    f"POST {_DESK}/offices/{{office_ref}}/renewer/withdraw": May.DECIDE,
    f"GET {_DESK}/offices/{{office_ref}}/renewer/evidence": May.NAMED_PAGE,
    "GET /renewal/{rest:path}": May.NOTHING,
}


@dataclass
class Post:
    """A batch with the registration's form and a page."""

    batch: str
    entry: str
    sheet: str


@dataclass
class Scene:
    """An office with a registration and a draft, whose service has ended; or an office that doesn't exist."""

    office_ref: str
    id: str
    sha256: str
    body: dict[str, Any]
    post: Post
    slip: str = "0" * 64

    @property
    def invoice_number(self) -> str:
        return str(UUID(self.id).int % 10**8 + 1)[:8]

    @property
    def subscription(self) -> str:
        return str(subscription_id(self.office_ref, "qlts"))

    @property
    def grant(self) -> str:
        return str(derived("resource-grant", self.subscription, 1))

    def path(self, route: str) -> str:
        invoice = derived("issued-invoice", self.id, "1C26TAA", self.invoice_number)
        return (
            route.partition(" ")[2]
            .replace("{rest:path}", "nowhere")
            .format(
                office_ref=self.office_ref,
                product_code="qlts",
                id=self.id,
                sha256=self._sha256(route),
                name="notice.png" if "/guide/" in route else "pages.css",
                line="general",
                day="2025-07-01",
                kind="csv",
                step="hold",
                paper="payment-order",
                batch=self.post.batch,
                entry=self.post.entry,
                sheet=self.post.sheet,
                receipt=(receipt := derived("receipt", self.id, 1)),
                receipt_id=receipt,
                invoice_id=invoice,
                issued=invoice,
                subscription_id=self.subscription,
                grant_id=self.grant,
            )
        )

    def _sha256(self, route: str) -> str:
        if "/slips/" in route:
            return self.slip
        return sha256(INVOICE).hexdigest() if "/invoice/" in route else self.sha256

    def parts(self, route: str) -> dict[str, Any]:
        """Query, headers and body that the route needs."""
        if route.endswith("/draft") and not route.startswith("GET"):
            body = {"json": {"fields": {"office.name": "Ai đó"}}} if route.startswith("PUT") else {}
            return {"headers": {"if-match": '"1"'}} | body
        picked = [{"id": self.id, "seen": 1}]
        grant = {"subscription_id": self.subscription, "grant_id": self.grant}
        with_key = {"headers": {"idempotency-key": str(fresh())}}
        bodies: dict[str, dict[str, Any]] = {
            "POST /v1/registrations/{id}/again": {"headers": {"if-match": '"1"'}},
            "POST /v1/registrations": {"json": self.body | {"replacing": self.id}},
            f"POST {_PRODUCT}/resources/update": with_key,
            "POST /v1/desk/grants/requests": {"json": {"grants": [grant]}} | with_key,
            "POST /v1/desk/grants/closures": {"json": grant | {"revision": 1, "reason": "thử"}} | with_key,
            "POST /v1/joint-registrations": {"json": _jointly(self.body)},
            "PUT /v1/joint-registrations/{id}/allocation": {
                "json": {"products": []},
                "headers": {"idempotency-key": str(fresh())},
            },
            f"POST {_BATCHES}": {"json": {"received_on": "2026-01-05"}},
            f"POST {_BATCH}/entries": {"json": {"code": "12"}},
            f"PUT {_BATCH}/sheets/{{sheet}}": {"json": {"shows": "blank"}},
            "POST /v1/desk/decisions/preview": {"json": {"step": "refuse", "picked": picked}},
            "POST /v1/desk/decisions": {
                "json": {"verdict": {"step": "refuse", "reason": "thử"}, "picked": picked},
                "headers": {"idempotency-key": str(fresh())},
            },
            f"GET {_POST}/sheets": {"params": {"shows": "blank"}},
            "GET /v1/desk/find": {"params": {"q": "kim dong"}},
            "GET /v1/desk/offices": {"params": {"q": "kim dong"}},
            "GET /v1/registrations": {"params": {"office_ref": self.office_ref}},
            "PUT /v1/registrations/{id}/sending": {"json": {"send_by": "paper"}},
            "POST /v1/registrations/{id}/term-confirmation": {"json": {"form_revision": 1}},
            "POST /v1/registrations/{id}/payment-claim": {
                "json": {"paid_on": "2026-01-05"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/payment/slips": {
                "content": SLIP,
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/receipts": {
                "json": {"amount": 1000, "received_on": "2026-01-05", "reference": str(fresh())},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/receipts/{receipt_id}/reversal": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/commitment/acceptance": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/commitment/refusal": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/commitment/extension": {
                "json": {"until": "2026-12-31", "reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "PUT /v1/registrations/{id}/invoice": {
                "json": {"name": "Trường", "tax_code": "0199900025", "address": "Hà Nội", "reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/invoice/request": {
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/invoice/look": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/invoice/cancellation": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/invoices": {
                "json": {
                    "renewal_id": self.id,
                    "symbol": "1C26TAA",
                    "number": self.invoice_number,
                    "dated": "2026-01-05",
                    "total": 1000,
                    "files": [b64encode(INVOICE).decode()],
                },
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/invoices/{invoice_id}/files": {
                "content": INVOICE,
                "headers": {"idempotency-key": str(fresh())},
            },
            "POST /v1/registrations/{id}/payment-claim/refusal": {
                "json": {"reason": "thử"},
                "headers": {"idempotency-key": str(fresh())},
            },
        }
        reason: dict[str, Any] = {"json": {"reason": "thử"}} if route.startswith("POST /v1") else {}
        if "/dossier/" in route:
            reason |= {"headers": {"idempotency-key": str(fresh())}}
        return bodies.get(route, {} if route.endswith("/review") else reason)


def _jointly(body: dict[str, Any]) -> dict[str, Any]:
    """One product twice: refused, but only after it is clear who asks."""
    product = {"product_code": body["product_code"], "order": body["order"]}
    shared = {name: value for name, value in body.items() if name not in product}
    return shared | {"products": [product, product]}


def routes(world: World) -> Iterator[str]:
    for route in iter_route_contexts(world.app.routes):
        for method in (route.methods or {"ANY"}) - {"HEAD"}:
            yield f"{method} {route.path}"


async def test_no_route_is_forgotten(renewal_world: World) -> None:
    assert sorted(routes(renewal_world)) == sorted(EXPECTED)


@pytest.fixture(scope="module")
async def looked_at(renewal_world: World) -> Scene:
    """One scene for all requests that change nothing, because rendering its form takes longer than the
    requests."""

    async def ready() -> bool:
        return (await renewal_world.client.get("/health/ready")).status_code == 200

    await until(ready, "the service ready")
    scene = await _scene(renewal_world, f"T-{fresh().hex[:8]}")
    await _ask(renewal_world, "renewer", "POST /v1/registrations/{id}/payment-claim", scene)
    answer = await _ask(renewal_world, "renewer", "POST /v1/registrations/{id}/payment/slips", scene)
    return replace(scene, slip=answer.json()["slips"][0]["sha256"])


@pytest.mark.parametrize("route", EXPECTED)
async def test_who_may(renewal_world: World, looked_at: Scene, office_ref: str, route: str) -> None:
    world = renewal_world
    scene = looked_at if route.startswith("GET") else await _scene(world, office_ref)
    before = await _kept(world, scene)
    for asker, expected in zip(ASKERS, EXPECTED[route].value, strict=True):
        answer = await _ask(world, asker, route, scene)
        assert answer.status_code in expected, f"{asker}: {answer.status_code} {answer.text[:500]}"
        if expected is not OK:
            assert await _kept(world, scene) == before, f"{asker} changed something"


@pytest.mark.parametrize(
    "route", [name for name, may in EXPECTED.items() if may in (May.READ, May.WRITE) and " /v1" in name]
)
async def test_another_office_gets_the_answer_for_none(
    renewal_world: World, looked_at: Scene, route: str
) -> None:
    scene = looked_at
    before = await _kept(renewal_world, scene)
    body = scene.body | {"office_ref": "none"}
    none = Scene(f"{scene.office_ref}-none", str(fresh()), "0" * 64, body, scene.post)
    theirs = await _ask(renewal_world, "other renewer", route, scene)
    nobodys = await _ask(renewal_world, "other renewer", route, none)
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert await _kept(renewal_world, scene) == before


async def _scene(world: World, office_ref: str) -> Scene:
    await licensed(world, office_ref, stage=Stage.TERMINATED)
    await licensed(world, f"{office_ref}-other")
    body = request(world, office_ref)
    made = await post(world, office_ref, body)
    assert made.status_code == 201, made.text
    paper = made.json()["documents"][0]["sha256"]
    post_ = await _posted(world, made.json()["number"])
    scene = Scene(office_ref, made.json()["id"], paper, body, post_)
    await _ask(world, "renewer", "GET /v1/offices/{office_ref}/products/{product_code}/draft", scene)
    await _ask(world, "desk", "POST /v1/registrations/{id}/receipts", scene)
    await _ask(world, "desk", "POST /v1/invoices", scene)
    return scene


async def _posted(world: World, number: str) -> Post:
    batch = await opened(world)
    entry = (await enter(world, batch, number)).json()["id"]
    image = await world.documents.put(b"\xff\xd8", media_type="image/jpeg", name="1.jpg")
    now, feed = world.service.clock.now(), fresh()
    sheet = Sheet(id=fresh(), batch_id=UUID(batch), feed_id=feed, n=1, fed_at=now, image=image, code=None)
    kept = world.service.store("sheets", Sheet, audited=True)
    await kept.save(None, Decision(sheet), Cause.command(), id=sheet.id)
    return Post(batch, entry, str(sheet.id))


async def _ask(world: World, asker: str, route: str, scene: Scene) -> httpx.Response:
    headers = _headers(world, asker, scene.office_ref)
    method, parts = route.partition(" ")[0], scene.parts(route)
    if "/renewal" not in route:
        parts["headers"] = headers | parts.get("headers", {})
        return await world.client.request(method, scene.path(route), **parts)
    if not headers:
        return await client_of(world.app).request(method, scene.path(route))
    reader = await Reader.signed_in(world, headers)
    decision = {"step": "refuse", "seen": "1", "key": "k", f"pick.{scene.id}": "1"}
    typed = {"csrf": await csrf(reader), "reason": "x", "send_by": "paper", "token": _token(headers)}
    typed |= decision | {"revision": "1"}
    sent: dict[str, Any] = {"data": typed} if method == "POST" else {"params": parts.get("params")}
    return await reader.client.request(method, scene.path(route), **sent)


def _headers(world: World, asker: str, office_ref: str) -> Headers:
    if asker == "nobody":
        return {}
    other, _, role = asker.rpartition(" ")
    whose = f"{office_ref}-other" if other else office_ref
    people = {"desk": None, "ops": None}
    return world.people.headers(Role(role), people.get(role, whose))


def _token(headers: Headers) -> str:
    return headers["authorization"].removeprefix("Bearer ")


async def _kept(world: World, scene: Scene) -> dict[str, list[dict[str, Any]]]:
    """All stored data of the office and of the batch, without what the relay removes."""
    office, batch = scene.office_ref, scene.post.batch
    whose = [{"office_ref": office}, {"registration.office_ref": office}, {"batch_id": batch}, {"_id": batch}]
    whose.append({"renewal_id": scene.id})
    kept = {}
    for name in (
        "renewals",
        "drafts",
        "recoveries",
        "batches",
        "entries",
        "sheets",
        "feeds",
        "renewer_appointments",
        "invoices",
        "resource_ledgers",
        "receivables",
    ):
        found = world.service.database[name].find({"$or": whose}, {"outbox": 0, "trail": 0}).sort("_id", 1)
        kept[name] = await found.to_list(None)
    return kept
