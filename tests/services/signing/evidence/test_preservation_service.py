"""The service by itself gives a signed form newer proof before its time stamp ages."""

from datetime import timedelta
from typing import Any

from deploy.local.people.pki import Credential, Pki
from shared.events.signing import FormSigned
from shared.runtime.settings import Settings
from shared.time.clock import OffsetClock
from tests.services.signing.evidence.judge import is_archival
from tests.services.signing.evidence.responders import STAMPING, Responders
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.service import World, signing_settings, world
from tests.services.signing.signer import signed
from tests.support.service_process import until

DAY = timedelta(days=1)


async def test_form_gets_newer_proof_when_its_time_stamp_ages(
    settings: Settings, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    """The time stamp's certificate ends in 10 days: after 5 a newer one is due, of a younger certificate."""
    hosts, stamps = frozenset({responders.host}), f"{responders.url}/tsa"
    configured = signing_settings(settings, own_pki, revocation_hosts=hosts, tsa_url=stamps)
    async with world(configured) as signing:
        clock = signing.signing.clock
        assert isinstance(clock, OffsetClock)
        signed_at = responders.moment = clock.now()
        soon = signed_at + 10 * DAY
        responders.stamping = responders.issue("soon-tsa", purposes=STAMPING, until=soon)
        desk = Office(signing, await signing.form())
        await desk.answer(office_with_responder, await desk.begin(office_with_responder))
        published = (await signing.wait_for(FormSigned, desk.renewal)).signed_form
        assert (await proof_of(signing, desk))["level"] == "B-LT"
        assert (await metric(signing, "giahan_preservation_due")) == 0

        responders.stamping = responders.issue("young-tsa", purposes=STAMPING)
        responders.moment = signed_at + 6 * DAY
        clock.move(6 * DAY)

        async def renewed() -> bool:
            return bool((await proof_of(signing, desk))["version"])

        await until(renewed, "the version with newer proof")
        view = (await signing.client.get(desk.form, headers=signing.bearer())).json()
        assert (view["proof"]["level"], view["signed_form"]["sha256"]) == ("B-LTA", published.sha256)
        pdf = (await signing.client.get(f"{desk.form}/newest-file", headers=signing.bearer())).content
        assert pdf.startswith(await signing.signing.documents.get(published.sha256))
        assert await is_archival(pdf, "office", own_pki, signed_at, soon + DAY)


async def test_upload_gets_its_time_stamp_without_waiting_for_tomorrow(
    settings: Settings, responders: Responders, office_with_responder: Credential, own_pki: Pki
) -> None:
    hosts, stamps = frozenset({responders.host}), f"{responders.url}/tsa"
    async with world(signing_settings(settings, own_pki, revocation_hosts=hosts, tsa_url=stamps)) as signing:
        at = responders.moment = signing.signing.clock.now()
        desk, file = Office(signing, await signing.form()), await signed(issued(), office_with_responder)
        path, headers = f"{desk.form}/signed-file", signing.bearer()
        assert (await signing.client.post(path, content=file, headers=headers)).status_code == 200
        published = (await signing.wait_for(FormSigned, desk.renewal)).signed_form
        assert await signing.signing.documents.get(published.sha256) == file

        async def proved() -> bool:
            return bool((await proof_of(signing, desk))["version"])

        await until(proved, "the version with a time stamp")
        pdf = (await signing.client.get(f"{desk.form}/newest-file", headers=headers)).content
        assert pdf.startswith(file)
        assert await is_archival(pdf, "office", own_pki, at, at)


async def proof_of(signing: World, desk: Office) -> dict[str, Any]:
    answer = await signing.client.get(desk.form, headers=signing.bearer())
    return dict(answer.json()["proof"])


async def metric(signing: World, name: str) -> float:
    lines = (await signing.client.get("/metrics")).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])
