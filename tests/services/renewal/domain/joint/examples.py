"""A joint registration of three products, for the tests of its domain."""

from typing import Any

from services.renewal.domain.desk import approval
from services.renewal.domain.joint.declaration import JoinedProduct, JointDeclaration, declare_joint
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.paper import paper_form
from services.renewal.domain.registration.catalogue import ContractNumbering
from services.renewal.domain.registration.form import register
from services.renewal.domain.registration.registration import Registrant, Registration
from services.renewal.domain.renewal import Renewal
from services.renewal.settings import EXAMPLE_VENDOR
from shared import ids
from shared.events.base import SendBy
from shared.storage.aggregate import Decision
from tests.services.renewal.examples import DECLARED, NOW, OFFICE_REF, judged, licence, product
from tests.services.renewal.messages import document, posted_form

CODES = ("qlts", "ktns", "qlcb")


def licence_of(code: str, **change: Any) -> LicenceCopy:
    known = {"product_code": code, "subscription_id": ids.subscription_id(OFFICE_REF, code)}
    return licence(**known | change)


def joint_declaration(*codes: str, **change: Any) -> JointDeclaration:
    order = {"package": "standard", "years": 1, "users": 12}
    shared = {name: DECLARED[name] for name in ("office", "invoice", "payment")}
    products = [{"product_code": code, "order": order} for code in codes or CODES]
    return JointDeclaration.model_validate({**shared, "products": products} | change)


def joined_products(
    *codes: str, numbering: ContractNumbering = ContractNumbering.EACH, **change: Any
) -> list[JoinedProduct]:
    sold = {"contract_number": numbering}
    return [
        JoinedProduct(
            ids.derived("renewal", known.subscription_id, 1), known, product(code).model_copy(update=sold)
        )
        for code in codes or CODES
        for known in [licence_of(code, **change)]
    ]


def joint_registration(
    *codes: str,
    send_by: SendBy = SendBy.ELECTRONIC,
    numbering: ContractNumbering = ContractNumbering.EACH,
) -> Registration:
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=send_by)
    products = joined_products(*codes, numbering=numbering)
    return declare_joint(joint_declaration(*codes), products, by, NOW)


def acceptance(numbering: ContractNumbering = ContractNumbering.EACH) -> Decision[Renewal]:
    """A clerk accepts the lead, on paper; the other products have no renewals of their own yet."""
    received = paper_form.receive(lead(SendBy.PAPER, numbering), posted_form(), NOW).state
    waits = paper_form.accept(received, "clerk-1", judged(), NOW).state
    return approval.accept(waits, "clerk-1", "in order", waits.registration.term.basis_expires_on, NOW)


def accepted_lead(numbering: ContractNumbering = ContractNumbering.EACH) -> Renewal:
    return acceptance(numbering).state


def lead(
    send_by: SendBy = SendBy.ELECTRONIC, numbering: ContractNumbering = ContractNumbering.EACH
) -> Renewal:
    made = joint_registration(send_by=send_by, numbering=numbering)
    return register(made, document("form 1"), EXAMPLE_VENDOR, NOW).state
