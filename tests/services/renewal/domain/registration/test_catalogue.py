from datetime import date

import pytest
from pydantic import ValidationError

from services.renewal.domain import money
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.registration.catalogue import Catalogue, Package, Product
from services.renewal.domain.registration.registration import Registrant, declare, order_errors
from shared.events.base import SendBy
from tests.services.renewal.examples import NOW, RENEWAL, TODAY, catalogue, declaration, licence


def test_edition_in_force_on_the_day() -> None:
    shipped = catalogue()
    later = shipped.editions[0].model_copy(
        update={
            "effective_from": date(2027, 1, 1),
            "products": (shipped.editions[0].products[0].model_copy(update={"name": "Tên mới"}),),
        }
    )
    both = Catalogue(editions=(later, *shipped.editions))
    assert both.product("qlts", date(2026, 12, 31)).name == "Phần mềm Quản lý tài sản"
    assert both.product("qlts", date(2027, 1, 1)).name == "Tên mới"


@pytest.mark.parametrize(("code", "day"), [("qlts", date(2024, 12, 31)), ("other", date(2026, 1, 1))])
def test_what_is_not_sold_is_refused(code: str, day: date) -> None:
    with pytest.raises(RenewalError) as refused:
        catalogue().product(code, day)
    assert refused.value.name == "product-not-sold"
    assert [fault.rule for fault in refused.value.errors] == ["product_unknown"]


SHIPPED = [(product, package) for product in catalogue().editions[0].products for package in product.packages]


@pytest.mark.parametrize(("product", "package"), SHIPPED, ids=lambda part: part.code)
def test_every_shipped_package_can_be_ordered_with_as_much_more_as_is_sold(
    product: Product, package: Package
) -> None:
    most = {"years": product.max_years, "users": product.max_users, "storage_gb": product.max_storage_gb}
    wanted = declaration(order={"package": package.code} | most)
    by = Registrant(sub="renewer-1", on_behalf=False, send_by=SendBy.PAPER)
    made = declare(RENEWAL, wanted, licence(product_code=product.code), product, by, NOW)
    sold = [package.price, package.extra_user, package.extra_storage_gb]
    assert [line.unit_price for line in made.order.lines] == [price.vnd for price in sold if price]
    assert (made.order.users, made.order.storage_gb) == (product.max_users, product.max_storage_gb)
    assert money.in_words(made.order.total)


def test_price_list_whose_largest_order_could_not_be_put_in_words_is_refused() -> None:
    """Guards against: an error in a price list shows only when an office orders."""
    listed = catalogue().product("qlts", TODAY).model_dump()
    listed["packages"][0]["extra_user"]["vnd"] = 250_000_000
    with pytest.raises(ValidationError, match="basic: its largest order costs more than"):
        Product.model_validate(listed)


@pytest.mark.parametrize("part", ["extra_user", "extra_storage_gb"])
def test_more_than_is_sold_is_refused(part: str) -> None:
    shipped = catalogue().product("qlts", TODAY)
    without = shipped.package("standard").model_copy(update={part: None})
    product = shipped.model_copy(update={"packages": (without,)})
    wanted = declaration(order={"users": 11, "storage_gb": 21}).order
    pointer = {"extra_user": "/order/users", "extra_storage_gb": "/order/storage_gb"}[part]
    errors = order_errors(wanted, product)
    assert [(fault.pointer, fault.rule) for fault in errors] == [(pointer, "too_many")]


def test_number_of_what_is_included_can_always_be_ordered() -> None:
    for product, package in SHIPPED:
        order = {"users": package.included_users, "storage_gb": package.included_storage_gb}
        assert order_errors(declaration(order=order | {"package": package.code}).order, product) == []
