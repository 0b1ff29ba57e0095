"""A reader of the pages without scripts: follows links, fills in forms and sends them."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tests.services.renewal.world import World
from tests.support.html import Form, Page
from tests.support.people import Headers
from tests.support.service_process import client_of


def token(headers: Headers) -> str:
    return headers["authorization"].removeprefix("Bearer ")


@dataclass
class Reader:
    client: httpx.AsyncClient

    @classmethod
    async def signed_in(cls, world: World, headers: Headers) -> "Reader":
        client = client_of(world.app)
        answer = await client.post("/renewal/session", data={"token": token(headers), "next": ""})
        assert answer.status_code == 303, answer.text
        return cls(client)

    async def get(self, path: str, status: int = 200) -> Page:
        answer = await self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return Page(answer.text)

    async def send(self, form: Form, status: int = 303, /, **typed: str) -> httpx.Response:
        """Sends the form with these values (`__` stands for a dot in a name); an empty text unticks a box."""
        fields = form.fields | {name.replace("__", "."): value for name, value in typed.items()}
        return await self.post(form.action, {name: value for name, value in fields.items() if value}, status)

    async def post(self, path: str, fields: Mapping[str, str], status: int = 303) -> httpx.Response:
        answer = await self.client.post(path, data=dict(fields))
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer

    async def followed(self, answer: httpx.Response) -> Page:
        return await self.get(answer.headers["location"])


async def csrf(reader: Reader) -> str:
    """The token that the session's forms carry."""
    page = await reader.get("/renewal/nowhere", 404)
    assert page.forms == []
    home = await reader.client.get("/renewal", follow_redirects=True)
    return home.text.partition('name="csrf" value="')[2].partition('"')[0]
