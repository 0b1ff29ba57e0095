"""The level of a signature, and the version with the newest proof: over HTTP and on the page."""

from datetime import timedelta

import httpx

from deploy.local.people.pki import Credential
from services.signing.domain.preservation import PreservationFailure, PreservedVersion
from services.signing.texts import LEVELS
from shared.events.signing import FormSigned
from shared.ids import fresh
from tests.services.signing.offices import Office
from tests.services.signing.paper import issued
from tests.services.signing.service import World
from tests.services.signing.signer import signed as signed_by
from tests.support.service_process import client_of

DAY = timedelta(days=1)


async def get(signing: World, path: str, **who: str) -> httpx.Response:
    return await signing.client.get(path, headers=signing.bearer(**who))


async def test_level_is_shown_and_the_newest_version_served(signing: World, office: Credential) -> None:
    desk = Office(signing, await signing.form())
    assert (await get(signing, desk.form)).json()["proof"] is None
    await desk.answer(office, await desk.begin(office))
    signed = (await signing.wait_for(FormSigned, desk.renewal)).signed_form
    proof = (await get(signing, desk.form)).json()["proof"]
    assert (proof["level"], proof["version"], proof["newest"]["sha256"]) == ("B-B", 0, signed.sha256)
    assert proof["message"] == list(LEVELS["B-B"])
    page = await page_of(signing, desk)
    assert LEVELS["B-B"].vi in page
    assert "is-warn" in page
    assert "newest-file" not in page

    pdf = await signing.signing.documents.get(signed.sha256)
    assert (await get(signing, f"{desk.form}/newest-file")).content == pdf
    now = signing.signing.clock.now()
    newer = await signing.put(pdf + b"%")
    version = PreservedVersion(n=1, document=newer, made_at=now, proved_until=now + 1000 * DAY)
    await signing.preserved.add_version(signed.sha256, version)
    view = (await get(signing, desk.form)).json()
    assert (view["proof"]["level"], view["proof"]["version"]) == ("B-LTA", 1)
    assert view["signed_form"]["sha256"] == signed.sha256
    answer = await get(signing, f"{desk.form}/newest-file")
    assert (answer.content, answer.headers["content-type"]) == (pdf + b"%", "application/pdf")
    page = await page_of(signing, desk)
    assert LEVELS["B-LTA"].vi in page
    assert f"/signing/forms/{desk.renewal}/newest-file" in page
    assert "is-warn" not in page


async def test_upload_is_listed_as_basic_and_due(signing: World, office: Credential) -> None:
    """Whatever its program put into it: it gets our time stamp and evidence at the next look."""
    renewal, file = await signing.form(), await signed_by(issued(), office)
    path = f"/v1/forms/{renewal}"
    answer = await signing.client.post(f"{path}/signed-file", content=file, headers=signing.bearer())
    assert answer.json()["proof"]["level"] == "B-B"
    listed = await signing.preserved.find(answer.json()["signed_form"]["sha256"])
    assert listed
    assert listed.due <= signing.signing.clock.now()


async def page_of(signing: World, desk: Office) -> str:
    async with client_of(signing.app) as visitor:
        await visitor.post("/signing/session", data={"token": signing.token(), "next": ""})
        path = f"/signing/forms/{desk.renewal}"
        return (await visitor.get(path, params={"lang": "vi"}, follow_redirects=True)).text


async def test_newest_version_is_the_office_s_own(signing: World) -> None:
    path = f"/v1/forms/{await signing.form()}/newest-file"
    assert (await get(signing, path)).content.startswith(b"%PDF")
    assert (await get(signing, path, office="another")).status_code == 404
    assert (await get(signing, path, role="member")).status_code == 403


async def test_failures_are_for_the_vendor_s_people(signing: World, office: Credential) -> None:
    desk = Office(signing, await signing.form())
    await desk.answer(office, await desk.begin(office))
    signed = (await signing.wait_for(FormSigned, desk.renewal)).signed_form
    until = signing.signing.clock.now() + DAY
    await signing.preserved.postpone(signed.sha256, PreservationFailure.NO_TIME_STAMP, until)
    path = "/v1/preservation/failures"
    assert (await get(signing, path)).status_code == 403
    for role in ("desk", "ops"):
        found = (await get(signing, path, role=role, office=str(fresh()))).json()
        (failure,) = (each for each in found if each["document"] == signed.sha256)
        assert (failure["reason"], failure["kind"]) == ("no_time_stamp", "signed_form")
        assert failure["message"][0] == "Cơ quan cấp dấu thời gian không trả lời"
    await signing.preserved.fail_report(signed.sha256, PreservationFailure.UNEXPECTED)
    path = "/v1/preservation/report-failures"
    assert (await get(signing, path)).status_code == 403
    found = (await get(signing, path, role="ops", office=str(fresh()))).json()
    (failure,) = (each for each in found if each["document"] == signed.sha256)
    assert failure["message"][0] == "Lỗi ngoài dự kiến; nhật ký của dịch vụ ghi rõ"
