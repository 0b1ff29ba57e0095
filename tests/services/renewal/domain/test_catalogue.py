from datetime import date

import pytest

from services.renewal.domain.catalogue import Catalogue
from services.renewal.domain.refusal import Refused
from tests.services.renewal.examples import catalogue


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
    with pytest.raises(Refused) as refused:
        catalogue().product(code, day)
    assert [fault.rule for fault in refused.value.faults] == ["product_unknown"]
