"""An office, a vendor and their papers, for the tests of renewal."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from services.renewal.domain import money
from services.renewal.domain.desk.approval import ApprovalFacts
from services.renewal.domain.desk.good_standing import Measure
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.numbers import ContractNumber
from services.renewal.domain.registration.catalogue import Catalogue, Product
from services.renewal.domain.registration.declaration import Declaration
from services.renewal.domain.registration.registration import Registrant, Registration, declare
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.render.content import ContractContent, FormContent
from services.renewal.render.preview.samples import OFFICE
from services.renewal.settings import EXAMPLE_VENDOR
from shared import ids
from shared.events.base import SendBy, Stage

NOW = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
TODAY = date(2026, 1, 5)
OFFICE_REF = "HN-0001"
SUBSCRIPTION = ids.subscription_id(OFFICE_REF, "qlts")
RENEWAL = ids.derived("renewal", SUBSCRIPTION, 1)

DECLARED: dict[str, Any] = {
    "office": OFFICE.model_dump(),
    "invoice": {"wanted_on": "2026-01-20"},
    "order": {"package": "standard", "years": 1, "users": 12},
    "payment": {"kind": "promised", "on": "2026-03-31", "committed": True},
}


def catalogue() -> Catalogue:
    path = Path(__file__).parents[3] / "services/renewal/catalogue.json"
    return Catalogue.model_validate(json.loads(path.read_text(encoding="utf-8")))


def declaration(**parts: dict[str, Any]) -> Declaration:
    """The example with some fields of its parts changed: `declaration(office={"name": "…"})`."""
    return Declaration.model_validate({name: part | parts.get(name, {}) for name, part in DECLARED.items()})


def licence(**change: Any) -> LicenceCopy:
    return LicenceCopy(
        subscription_id=SUBSCRIPTION,
        office_ref=OFFICE_REF,
        product_code="qlts",
        name=OFFICE.name,
        tax_code=OFFICE.tax_code,
        budget_code=OFFICE.budget_code,
        province_code="01",
        zone="Asia/Ho_Chi_Minh",
        expires_on=date(2025, 12, 31),
        stage=Stage.LOCKED,
    ).model_copy(update=change)


def product(code: str = "qlts", day: date = TODAY) -> Product:
    return catalogue().product(code, day)


def registration(
    declared: Declaration | None = None,
    licence_copy: LicenceCopy | None = None,
    now: datetime = NOW,
    send_by: SendBy = SendBy.ELECTRONIC,
) -> Registration:
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=send_by)
    return declare(RENEWAL, declared or declaration(), licence_copy or licence(), product(), by, now)


def form_content(registered: Registration | None = None, revision: int = 1) -> FormContent:
    registered = registered or registration()
    return FormContent(
        vendor=EXAMPLE_VENDOR,
        registration=registered,
        revision=revision,
        issued_at=registered.registered_at,
        total_in_words=money.in_words(registered.order.total),
    )


def contract_content(registered: Registration | None = None) -> ContractContent:
    registered = registered or registration()
    return ContractContent(
        vendor=EXAMPLE_VENDOR,
        registration=registered,
        number=ContractNumber(year=2026, n=123),
        dated=TODAY,
        numbered_at=NOW,
        term=on_contract_date(registered.term, TODAY, registered.term_rule),
        total_in_words=money.in_words(registered.order.total),
        form_number=registered.number,
        signed_form="5f" * 32,
        form_signed_at=NOW,
    )


def judged(copy: LicenceCopy | None = None, **facts: int) -> ApprovalFacts:
    """The facts for the rule: an office that meets all conditions, except for `facts`."""
    copy = copy or licence()
    return ApprovalFacts(
        copy.expires_on, dict.fromkeys(Measure, 0) | {Measure(k): n for k, n in facts.items()}
    )
