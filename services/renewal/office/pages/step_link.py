"""The link with which an office takes the next step of a registration."""

from dataclasses import dataclass

from services.renewal.domain.renewal import Renewal
from services.renewal.pages import urls
from services.renewal.pages.site import Site
from shared.progress.next_step import NextStep

_PAGES = {
    NextStep.SEND_FORM: "show",
    NextStep.PAY: "transfer",
    NextStep.REGISTER_AGAIN: "again",
}
"""The page of the registration on which the step is taken. All others are taken on its own page."""


@dataclass(frozen=True, slots=True)
class StepLink:
    """`step`: the key of the link's text. `acts`: the visitor does it there, rather than looks."""

    step: NextStep
    address: str
    acts: bool


def step_link(renewal: Renewal, step: NextStep, site: Site, *, may_register: bool) -> StepLink:
    """A person who may only see the office is led to the registration's page."""
    id, contract = renewal.registration.renewal_id, renewal.newest_document("sealed_contract")
    if step is NextStep.SEE_REPLACEMENT and renewal.replaced_by:
        return StepLink(step, urls.registration(renewal.replaced_by), acts=False)
    if step is NextStep.OPEN_CONTRACT and contract:
        return StepLink(step, urls.document(contract.sha256), acts=False)
    if not may_register or step in (NextStep.FOLLOW, NextStep.OPEN_CONTRACT):
        return StepLink(NextStep.FOLLOW, urls.registration(id), acts=False)
    if step is NextStep.REGISTER_AGAIN and renewal.registration.joined:
        made = renewal.registration
        codes = [each.product_code for each in made.on_form]
        return StepLink(step, urls.joint(made.office_ref, codes), acts=True)
    signs = step in (NextStep.SIGN_FORM, NextStep.SIGN_CONTRACT)
    address = site.signing_page(renewal) if signs else urls.registration(id, _PAGES.get(step, ""))
    return StepLink(step, address or urls.registration(id), acts=True)
