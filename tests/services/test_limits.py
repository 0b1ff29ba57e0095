"""Every route that writes, in every service, counts against the caller's rate limit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from deploy.local.people.pki import ensure_pki
from services.notifier.main import compose as notifier
from services.notifier.settings import NotifierSettings
from services.renewal.main import compose as renewal
from services.renewal.settings import RenewalSettings
from services.signing.main import compose as signing
from services.signing.settings import SigningSettings
from services.subscription.main import compose as subscription
from services.subscription.settings import SubscriptionSettings
from shared.runtime.service import Plan, Service
from shared.web.pages.desk_guard import DeskGuard
from shared.web.pages.guard import RequestGuard
from shared.web.people import require_person

_NOWHERE: dict[str, Any] = {"environment": "local", "mongo": "mongodb://127.0.0.1:1", "kafka": "127.0.0.1:1"}
_COUNT = {
    require_person.__qualname__,
    *(
        f"{guard.__name__}.{method}"
        for guard in (RequestGuard, DeskGuard)
        for method in ("submission", "file_submission")
    ),
    f"{RequestGuard.__name__}.script",
}
_BY_THEMSELVES = {
    "POST /renewal/session",  # stores nothing
    "POST /signing/session",
    "POST /signing/transfers/{secret}",  # each address takes ten files
    "DELETE /v1/session",  # has its own limit, so that an ended session can be ended again
}


def _signing(folder: Path) -> tuple[Service, Plan]:
    pki = ensure_pki(folder / "pki")
    trusted = {
        "trust_roots": pki.trust_roots,
        "trust_intermediates": pki.trust_intermediates,
        "crls": pki.crls,
    }
    own = {**trusted, "seal_p12": pki.vendor, "seal_password": pki.password, "pdf_processes": 1}
    return signing(SigningSettings.model_validate({**_NOWHERE, **own}))


def _composed(service: str, folder: Path) -> tuple[Service, Plan]:
    match service:
        case "renewal":
            return renewal(RenewalSettings(**_NOWHERE))
        case "subscription":
            return subscription(SubscriptionSettings(**_NOWHERE))
        case "notifier":
            return notifier(NotifierSettings(**_NOWHERE))
        case _:
            return _signing(folder)


def _called(dependant: Dependant) -> Iterator[str]:
    if dependant.call:
        yield getattr(dependant.call, "__qualname__", "").removesuffix(".<locals>.person")
    for inner in dependant.dependencies:
        yield from _called(inner)


@pytest.mark.parametrize("service", ["subscription", "renewal", "signing", "notifier"])
async def test_every_writing_route_is_limited(service: str, tmp_path: Path) -> None:
    made, plan = _composed(service, tmp_path)
    made.client.close()
    unlimited = set()
    for router in plan.routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            writes = (route.methods or set()) - {"GET", "HEAD", "OPTIONS"}
            if writes and not _COUNT & set(_called(route.dependant)):
                unlimited |= {f"{method} {route.path}" for method in writes}
    assert unlimited - _BY_THEMSELVES == set()
