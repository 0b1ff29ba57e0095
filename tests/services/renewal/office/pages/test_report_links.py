"""The registration's page leads to signing's reports on what was signed digitally."""

from typing import get_args

from services.renewal.domain.registration import form
from services.renewal.domain.renewal import DossierDocument, Kind, Renewal
from services.renewal.pages.site import Site
from services.renewal.settings import EXAMPLE_VENDOR
from shared.ids import fresh
from tests.services.renewal.examples import NOW, RENEWAL, registration
from tests.services.renewal.messages import document


def papers(*kinds: Kind) -> Renewal:
    """A registration with a document of each of these kinds, in this order."""
    made = form.register(registration(), document("form"), EXAMPLE_VENDOR, NOW).state
    filed = [
        DossierDocument(kind=kind, revision=1, document=document(f"{n}"), filed_at=NOW)
        for n, kind in enumerate(kinds)
    ]
    return made.model_copy(update={"dossier": tuple(filed)})


def test_the_newest_form_and_contract_signed_digitally_have_reports() -> None:
    site = Site.of(EXAMPLE_VENDOR, signing_url="/signing", secure=True)
    found = site.reports(papers("signed_form", "signed_form", "sealed_contract", "contract"))
    assert found == {
        document("1").sha256: f"/signing/forms/{RENEWAL}/report",
        document("2").sha256: f"/signing/contracts/{RENEWAL}/report",
    }


def test_contract_over_several_products_is_reported_under_its_lead() -> None:
    site = Site.of(EXAMPLE_VENDOR, signing_url="/signing", secure=True)
    joined = papers("sealed_contract").with_changes(contract_of=(lead := fresh()))
    assert list(site.reports(joined).values()) == [f"/signing/contracts/{lead}/report"]


def test_nothing_else_has_a_report() -> None:
    site = Site.of(EXAMPLE_VENDOR, signing_url="/signing", secure=True)
    others = [kind for kind in get_args(Kind) if kind not in ("signed_form", "sealed_contract")]
    assert site.reports(papers(*others)) == {}
    paper = papers("paper_scan", "signed_form")
    stamped = paper.dossier[0].model_copy(update={"kind": "signed_form"})
    assert site.reports(paper.model_copy(update={"dossier": (paper.dossier[0], stamped)})) == {}
    own_software = Site.of(EXAMPLE_VENDOR, secure=True)
    assert own_software.reports(papers("signed_form")) == {}
