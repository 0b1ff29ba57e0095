"""400 envelopes with a hand scanner: each form is entered on the batch's page as a browser does it, one after
another.

An hour leaves 9 s for each, of which the machine may take a tenth.
"""

import time
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx

from services.renewal.domain.registration.form_code import FormCode
from services.renewal.domain.renewal import Renewal
from services.renewal.main import compose
from shared.runtime.settings import Settings
from shared.web.pages.session import csrf_of
from tests.bench.desk import fill, registered
from tests.bench.result import Result, limit
from tests.services.renewal.pages.reader import token
from tests.services.renewal.world import own_settings
from tests.support.people import People
from tests.support.service_process import client_of, serve_app

FORMS = 400
_MOST_MS = 900


async def run(settings: Settings) -> list[Result]:
    with TemporaryDirectory() as folder:
        people = People(Path(folder) / "jwks.json")
        service, plan = compose(own_settings(settings.kafka, settings.mongo.get_secret_value(), Path(folder)))
        async with serve_app(service, plan) as app, client_of(app) as client:
            store = service.store("renewals", Renewal, audited=True)
            await fill(store, FORMS, registered)
            signed_in = token(people.clerk())
            await client.post("/renewal/session", data={"token": signed_in, "next": ""})
            took = await _entered(client, csrf_of(signed_in))
    of = quantiles(took, n=100)
    note = f"of {FORMS} forms in a batch; {sum(took) / 1000:.0f} s of an hour in all"
    return [
        limit("form_entered_p50", of[49], at_most=_MOST_MS, note=note),
        limit("form_entered_p99", of[98], at_most=_MOST_MS, note=note),
    ]


async def _entered(client: httpx.AsyncClient, csrf: str) -> list[float]:
    """Milliseconds from Enter until the page shows that the next form can be scanned."""
    opened = await client.post("/renewal/desk/intake", data={"csrf": csrf, "received_on": "05/01/2026"})
    assert opened.status_code == 303, opened.text[:500]
    batch, took = opened.headers["location"], []
    for n in range(FORMS):
        code = FormCode(number=registered(n).registration.number, revision=1).digits
        began = time.perf_counter()
        sent = await client.post(f"{batch}/enter", data={"csrf": csrf, "code": code})
        page = await client.get(sent.headers["location"])
        took.append(1000 * (time.perf_counter() - began))
        assert "said=fresh" in sent.headers["location"], sent.headers["location"]
        assert page.status_code == 200
    return took
