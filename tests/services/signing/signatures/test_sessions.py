"""A session that ended: its token signs nothing more, on the pages or over HTTP."""

from services.signing.pages.site import ROOT
from shared.web.pages.session import COOKIE
from tests.services.signing.service import World


async def test_platform_ends_a_session_that_nobody_else_can(signing: World) -> None:
    renewal, headers = await signing.form(), signing.bearer()
    token = headers["authorization"].removeprefix("Bearer ")
    page, form = f"{ROOT}/forms/{renewal}", f"/v1/forms/{renewal}"
    forged = {"authorization": headers["authorization"][:-6] + "AAAAAA"}
    assert (await signing.client.delete("/v1/session", headers=forged)).status_code == 401
    cookie = {"cookie": f"{COOKIE}={token}"}
    assert (await signing.client.get(page, headers=cookie)).status_code == 200
    assert (await signing.client.get(form, headers=headers)).status_code == 200
    for _ in range(2):
        assert (await signing.client.delete("/v1/session", headers=headers)).status_code == 204
    assert (await signing.client.get(page, headers=cookie)).status_code == 401
    assert (await signing.client.get(form, headers=headers)).status_code == 401
