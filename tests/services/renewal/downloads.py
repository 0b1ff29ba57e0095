"""The documents of a registration, downloaded over HTTP."""

from io import BytesIO

from pypdf import PdfReader

from tests.services.renewal.world import World


async def read(world: World, href: str, office_ref: str) -> str:
    """The text of the PDF at `href`, downloaded by a member of the office."""
    answer = await world.client.get(href, headers=world.people.member(office_ref))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    return " ".join(text.split())
