"""Every document with every sample, rendered once for the tests of this folder."""

import pytest

from services.renewal.render.preview.samples import SAMPLES, contract, form
from services.renewal.render.renderer import Renderer

Files = dict[tuple[str, str], bytes]


@pytest.fixture(scope="session")
async def files() -> Files:
    """PDFs by kind and sample."""
    renderer = Renderer(limit=120)
    try:
        forms = {("form", name): await renderer.form(form(name, "hcsn")) for name in SAMPLES}
        contracts = {("contract", name): await renderer.contract(contract(name, "hcsn")) for name in SAMPLES}
    finally:
        await renderer.close()
    return forms | contracts
