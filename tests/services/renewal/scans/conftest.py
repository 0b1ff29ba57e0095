"""Printed papers of the example, and what reads their scans."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO

import pytest
from pypdf import PdfWriter

from services.renewal.domain.registration.form_code import FormCode
from services.renewal.render.preview.samples import contract, form
from services.renewal.render.renderer import Renderer
from services.renewal.scans.limits import Limits
from services.renewal.scans.page import ScannedPage
from services.renewal.scans.scans import Scans

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Papers:
    """The PDFs as they are printed. The form's two sheets show `code`, the later revision's `later`."""

    form: bytes
    later_form: bytes
    contract: bytes
    blank: bytes
    code = FormCode(number="GH-VSWE-60Y3", revision=1)
    later = FormCode(number="GH-VSWE-60Y3", revision=2)


@pytest.fixture(scope="session")
async def papers() -> Papers:
    blank, out = PdfWriter(), BytesIO()
    blank.add_blank_page(595, 842)
    blank.write(out)
    renderer = Renderer(processes=1, limit=120)
    try:
        return Papers(
            form=await renderer.form(form("short", "hcsn")),
            later_form=await renderer.form(form("terminated", "hcsn")),
            contract=await renderer.contract(contract("short", "hcsn")),
            blank=out.getvalue(),
        )
    finally:
        await renderer.close()


@pytest.fixture(scope="session")
async def scans() -> AsyncIterator[Scans]:
    made = Scans(limit=60)
    yield made
    await made.close()


Read = Callable[..., Awaitable[list[ScannedPage]]]


@pytest.fixture(scope="session")
def read(scans: Scans) -> Read:
    async def read(upload: bytes, limits: Limits = LIMITS) -> list[ScannedPage]:
        return await scans.read_pages(upload, limits)

    return read
