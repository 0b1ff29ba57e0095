"""The pages issue tokens that the services accept, and show mail without trusting it."""

from pathlib import Path

import httpx
import pytest

from deploy.local.host.ports import HOST, Ports, free_port
from deploy.local.mail.server import MailServer
from deploy.local.people.people import People, signing_key
from deploy.local.web.server import build
from shared.runtime.settings import Settings
from shared.web.people import Role, TokenVerifier

LETTER = (
    b"Subject: =?utf-8?b?SOG6v3QgaOG6oW4=?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<script>alert(1)</script>\r\n"
)
OFFICES = {"00123": "Ủy ban nhân dân xã Đông Anh", "00124": "Trường THCS & THPT <Hoa Sen>"}


@pytest.fixture
def mail(tmp_path: Path) -> MailServer:
    return MailServer(tmp_path / "mail", free_port())


@pytest.fixture
def client(tmp_path: Path, mail: MailServer) -> httpx.AsyncClient:
    app = build(mail, People(signing_key(tmp_path / "key.pem"), OFFICES), Ports.from_base(8100))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}")


@pytest.mark.parametrize(
    ("id", "office_ref", "role"),
    [
        ("ops", None, Role.OPS),
        ("ops-2", None, Role.OPS),
        ("desk", None, Role.DESK),
        ("desk-2", None, Role.DESK),
        ("renewer-00123", "00123", Role.RENEWER),
        ("member-HN-9", "HN-9", Role.MEMBER),
    ],
)
async def test_a_token_names_the_person_to_the_services(
    client: httpx.AsyncClient, tmp_path: Path, id: str, office_ref: str | None, role: Role
) -> None:
    jwks = tmp_path / "jwks.json"
    jwks.write_bytes((await client.get("/people/jwks.json")).content)
    token = (await client.post(f"/people/{id}/token")).json()["token"]
    person = await TokenVerifier(Settings(jwks=str(jwks)).platform).verify(token)
    assert (person.sub, person.office_ref, person.roles) == (id, office_ref, frozenset({role}))


async def test_the_published_key_set_holds_no_private_part(client: httpx.AsyncClient) -> None:
    (key,) = (await client.get("/people/jwks.json")).json()["keys"]
    assert "d" not in key


def test_the_key_outlives_a_restart_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "people" / "key.pem"
    assert signing_key(file).thumbprint() == signing_key(file).thumbprint()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("id", ["nobody", "renewer-", "admin-00123", "ops-3"])
async def test_an_unknown_person_gets_no_token(client: httpx.AsyncClient, id: str) -> None:
    assert (await client.post(f"/people/{id}/token")).status_code == 404


async def test_people_are_listed_with_their_offices(client: httpx.AsyncClient) -> None:
    page = (await client.get("/people")).text
    assert all(f"/people/{id}" in page for id in ("ops", "ops-2", "desk", "desk-2"))
    assert "Ủy ban nhân dân xã Đông Anh" in page
    assert "Trường THCS &amp; THPT &lt;Hoa Sen&gt;" in page
    assert "Trường THCS &amp; THPT" in (await client.post("/people/member-00124")).text


async def test_people_of_an_office_are_found_by_its_code(client: httpx.AsyncClient) -> None:
    page = (await client.get("/people", params={"office": "HN-9", "next": "/renewal"})).text
    assert '/people/renewer-HN-9?next=/renewal"' in page
    assert "/people/renewer-00123" not in page


async def test_another_host_name_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/people/ops/token", headers={"host": "evil.example"})
    assert answer.status_code == 400


async def test_a_letters_html_runs_nothing(client: httpx.AsyncClient, mail: MailServer) -> None:
    id = mail.mailbox.keep(LETTER, "a@example.vn", ["b@example.vn"])
    assert "Hết hạn" in (await client.get("/mail")).text
    page = (await client.get(f"/mail/{id}")).text
    assert "<iframe sandbox " in page
    assert "<script>" not in page
    body = await client.get(f"/mail/{id}/body")
    assert "sandbox" in body.headers["content-security-policy"]


async def test_mail_as_json(client: httpx.AsyncClient, mail: MailServer) -> None:
    id = mail.mailbox.keep(LETTER, "a@example.vn", ["b@example.vn"])
    (found,) = (await client.get("/v1/mail", params={"to": "b@example.vn"})).json()
    assert found == (await client.get(f"/v1/mail/{id}")).json()
    assert found["subject"] == "Hết hạn"
    assert (await client.get("/v1/mail", params={"to": "c@example.vn"})).json() == []
    assert (await client.get("/v1/mail/none")).status_code == 404


async def test_whoever_is_chosen_is_handed_on_to_the_renewal_pages(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/people", params={"next": "/renewal?product=qlts"})).text
    assert '/people/renewer-00123?next=/renewal%3Fproduct%3Dqlts"' in listed
    page = (await client.post("/people/renewer-00123", params={"next": '/renewal?product=q"x'})).text
    assert 'action="/renewal/session"' in page
    assert 'name="next" value="/renewal?product=q&#34;x"' in page
    assert "/people?next=/renewal" in (await client.get("/")).text
