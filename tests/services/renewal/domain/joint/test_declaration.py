"""What may stand on one form, and on which terms of business."""

from datetime import timedelta
from typing import Any

import pytest

from services.renewal.domain.joint.declaration import declare_joint, largest_joint
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import ContractPreparation
from services.renewal.domain.registration.registration import Registrant
from services.renewal.domain.registration.renewal_window import EarlyHandling, RenewalWindow
from shared.events.base import SendBy
from tests.services.renewal.domain.joint.examples import (
    joined_products,
    joint_declaration,
    joint_registration,
    licence_of,
)
from tests.services.renewal.examples import NOW

BY = Registrant(sub="renewer-1", on_behalf=False, send_by=SendBy.ELECTRONIC)


def test_lead_carries_the_others_and_one_total() -> None:
    lead = joint_registration()
    assert [each.product_code for each in lead.on_form] == ["qlts", "ktns", "qlcb"]
    assert lead.total == sum(each.order.total for each in lead.on_form)
    assert {each.form_number(1) for each in lead.on_form} == {lead.number}
    assert len({each.number for each in lead.on_form}) == 3
    assert [each.total for each in lead.joined] == [0, 0]


def test_strictest_terms_of_business_hold_for_all() -> None:
    """Guards against: the lead's product is accepted by rule, and with it one that always needs the desk."""
    lead = joint_registration()
    assert lead.joined[0].prepare is ContractPreparation.DESK
    assert lead.prepare is ContractPreparation.DESK
    assert lead.commitment_conditions is None  # two of the products always want a clerk for a promise


@pytest.mark.parametrize(
    ("name", "products", "second"),
    [
        ("joint-twice", ("qlts", "qlts"), {}),
        ("joint-alone", ("qlts", "ktns"), {"joint": False}),
        ("joint-lines", ("qlts", "ktns"), {"line": "other"}),
    ],
)
def test_products_that_cannot_stand_on_one_form(
    name: str, products: tuple[str, ...], second: dict[str, Any]
) -> None:
    joined = joined_products(*products)
    joined[1].product.__dict__.update(second)  # frozen: only a test may
    with pytest.raises(RenewalError) as refused:
        declare_joint(joint_declaration(*products), joined, BY, NOW)
    assert refused.value.name == name


@pytest.mark.parametrize("other", [{"tax_code": "0100109106"}, {"budget_code": "1000001"}])
def test_products_of_another_office_stand_on_another_form(other: dict[str, Any]) -> None:
    joined = [*joined_products("qlts"), *joined_products("ktns", **other)]
    with pytest.raises(RenewalError) as refused:
        declare_joint(joint_declaration("qlts", "ktns"), joined, BY, NOW)
    assert refused.value.name == "joint-offices"


def test_most_products_that_can_stand_on_one_form_are_offered() -> None:
    """Guards against: the first product has a tax code of its own, and the others are never offered."""
    alone = joined_products("qlts", tax_code="0100109106")
    joined = [*alone, *joined_products("ktns", "qlcb")]
    found = largest_joint([(each.licence, each.product) for each in joined])
    assert [licence.product_code for licence in found] == ["ktns", "qlcb"]
    assert largest_joint([(each.licence, each.product) for each in alone]) == []


def test_invalid_fields_are_named_by_their_product() -> None:
    wrong = {"package": "none", "years": 1, "users": 12}
    right = {"package": "standard", "years": 1, "users": 12}
    products = [{"product_code": "qlts", "order": right}, {"product_code": "ktns", "order": wrong}]
    payment = {"kind": "promised", "on": "2026-03-31", "committed": False}
    declared = joint_declaration(products=products, payment=payment)
    with pytest.raises(RenewalError) as refused:
        declare_joint(declared, joined_products("qlts", "ktns"), BY, NOW)
    assert [(each.pointer, each.rule) for each in refused.value.errors] == [
        ("/payment/committed", "commitment_missing"),
        ("/products/1/order/package", "package_unknown"),
    ]


def test_early_renewal_of_one_product_is_asked_for_that_product() -> None:
    """Guards against: an office pays years ahead for one product by an oversight, because others are due."""
    far = licence_of("ktns").expires_on + timedelta(days=1000)
    joined = [*joined_products("qlts"), *joined_products("ktns", expires_on=far)]
    with pytest.raises(RenewalError) as refused:
        declare_joint(joint_declaration("qlts", "ktns"), joined, BY, NOW)
    assert (refused.value.name, refused.value.about["product_code"]) == ("early-renewal", "ktns")

    order = {"package": "standard", "years": 1, "users": 12}
    until = refused.value.about["term_to"]
    products = [
        {"product_code": "qlts", "order": order},
        {"product_code": "ktns", "order": order, "confirmed_until": until},
    ]
    made = declare_joint(joint_declaration(products=products), joined, BY, NOW)
    assert made.early is None
    assert made.joined[0].early is not None


def test_window_that_refuses_one_product_refuses_the_form() -> None:
    far = licence_of("ktns").expires_on + timedelta(days=1000)
    joined = [*joined_products("qlts"), *joined_products("ktns", expires_on=far)]
    refusing = RenewalWindow(earliest_renewal_days=0, earlier=EarlyHandling.REFUSE)
    joined[1].product.__dict__.update(window=refusing)  # frozen: only a test may
    with pytest.raises(RenewalError) as refused:
        declare_joint(joint_declaration("qlts", "ktns"), joined, BY, NOW)
    assert [(each.pointer, each.rule) for each in refused.value.errors] == [
        ("/products/1/order/years", "too_early")
    ]
