"""The site of the renewal service: the shell of its pages, its templates and its texts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from starlette.datastructures import URL

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.declaration import BUYER_PART, OFFICE_PART
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.pages import urls
from services.renewal.texts import (
    COMMITMENT_STATUSES,
    DESK_REASONS,
    MATCH_REASONS,
    MATCH_VERDICTS,
    REFUSALS,
    SENDING,
    STATUSES,
    next_text,
    status_text,
)
from shared.text import amounts
from shared.text.i18n import TextCatalogue
from shared.web.pages.shell import Shell, page_templates
from shared.web.pages.words import page_words
from shared.web.problems import Problem, as_problem

_HERE = Path(__file__).parent
TEMPLATES = {
    flow: _HERE.parent / flow / "pages/templates"
    for flow in (
        "desk",
        "dossier",
        "guide",
        "invoice",
        "joint",
        "office",
        "paper",
        "payment",
        "registration",
        "resources",
    )
}
ASSETS = _HERE / "assets"
CATALOGUE = TextCatalogue(_HERE / "texts")
_OF_FLOWS = [
    TextCatalogue(_HERE.parent / flow / "texts") for flow in ("guide", "office", "registration", "resources")
]
WORDS = page_words(CATALOGUE, *_OF_FLOWS)
_ENVIRONMENT = page_templates(_HERE / "templates", TEMPLATES)
_ENVIRONMENT.filters |= {"vnd": amounts.vnd, "digits": amounts.digits}
_ENVIRONMENT.globals |= {
    "url": urls,
    "office_part": OFFICE_PART,
    "buyer_part": BUYER_PART,
    "statuses": STATUSES,
    "commitment_statuses": COMMITMENT_STATUSES,
    "match_reasons": MATCH_REASONS,
    "match_verdicts": MATCH_VERDICTS,
    "next_text": next_text,
    "status_text": status_text,
    "desk_reasons": DESK_REASONS,
    "sendings": SENDING,
    "refusals": REFUSALS,
}

_REPORTED = {"signed_form": "forms", "sealed_contract": "contracts"}
"""The kinds of documents on which signing has reports, and the folder of their pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Shell):
    """`signing_url`: the page on which the form `renewal=ID` is signed. It may be empty."""

    signing_url: str

    @classmethod
    def of(cls, vendor: Vendor, sign_in_url: str = "", signing_url: str = "", *, secure: bool) -> Self:
        return cls(
            root=urls.PATH,
            templates=_ENVIRONMENT,
            words_of=WORDS,
            secure=secure,
            sign_in_url=sign_in_url,
            values={"vendor": vendor, "office": None},
            problem_of=_problem,
            signing_url=signing_url,
        )

    def signing_page(self, renewal: Renewal) -> str:
        """The address where the form is signed or, while the contract waits for it, the contract. Empty where
        there is no such page: the office then signs in its own software."""
        if not self.signing_url:
            return ""
        registration = renewal.registration
        what = {"document": "contract"} if renewal.status is RegistrationStatus.AWAITING_ASSENT else {}
        return str(URL(self.signing_url).include_query_params(renewal=registration.renewal_id, **what))

    def reports(self, renewal: Renewal) -> dict[str, str]:
        """The addresses of the validation reports on the newest form and contract that were signed digitally,
        by the SHA-256 of the document. Empty where there is no signing page."""
        found: dict[str, str] = {}
        made = renewal.registration
        of_lead = {
            "signed_form": made.lead.renewal_id if made.lead else None,
            "sealed_contract": renewal.contract_of,
        }
        for kind, folder in _REPORTED.items():
            signed = [each for each in renewal.dossier if each.kind == kind and not renewal.is_stamped(each)]
            if signed and self.signing_url:
                page = f"{self.signing_url}/{folder}/{of_lead[kind] or made.renewal_id}/report"
                found[signed[-1].document.sha256] = page
        return found


def _problem(error: Exception, method: str) -> Problem:
    """A RenewalError comes here only where its page has no form to show it on."""
    if isinstance(error, RenewalError):
        status, title = REFUSALS[error.name]
        return Problem(status, error.name, title)
    return as_problem(error, method)
