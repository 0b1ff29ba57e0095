"""An appointment of another renewer: the letter that proves it, and what the person may then do."""

from io import BytesIO

from PIL import Image

from tests.services.renewal.offices import request
from tests.services.renewal.world import World
from tests.support.people import Headers


def letter(colour: str = "white") -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (1240, 1754), colour).save(drawn, "JPEG", dpi=(150, 150), comment=b"hidden")
    return drawn.getvalue()


async def may_register(world: World, office_ref: str, who: Headers) -> int:
    body = request(world, office_ref)
    return (await world.client.post("/v1/registrations", json=body, headers=who)).status_code
