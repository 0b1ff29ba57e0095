"""Every document with every sample, rendered once for the tests of this folder."""

from datetime import date

import pytest

from services.renewal.domain.payment.treasury_paper import TreasuryPaper
from services.renewal.render.content import JOINT_CONTRACT
from services.renewal.render.preview.samples import SAMPLES, contract, form, joint_contract, treasury_paper
from services.renewal.render.renderer import Renderer

Files = dict[tuple[str, str], bytes]
_NEWEST, _NEWEST_SAMPLES = date(2026, 12, 2), ("short", "long", "lines", "paid", "at_payment")


@pytest.fixture(scope="session")
async def files() -> Files:
    """PDFs by kind and sample. A form in the newest edition is named `SAMPLE, newest`."""
    renderer = Renderer(limit=120)
    try:
        forms = {("form", name): await renderer.form(form(name, "hcsn")) for name in SAMPLES}
        forms |= {
            ("form", f"{name}, newest"): await renderer.form(form(name, "hcsn", _NEWEST))
            for name in _NEWEST_SAMPLES
        }
        contracts = {("contract", name): await renderer.contract(contract(name, "hcsn")) for name in SAMPLES}
        joint = {
            (JOINT_CONTRACT, name): await renderer.contract(joint_contract(name, "hcsn"))
            for name in ("short", "long")
        }
        papers = {
            (paper, name): await renderer.treasury_paper(treasury_paper(paper, name, "hcsn"))
            for paper in TreasuryPaper
            for name in ("short", "long")
        }
    finally:
        await renderer.close()
    return forms | contracts | joint | papers
