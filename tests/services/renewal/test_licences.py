"""What renewal's copies of licences take from the platform's figures of use."""

from datetime import timedelta
from typing import Any, cast

import pytest

from services.renewal.domain.licence import LicenceCopy
from services.renewal.licences import Licences
from shared.events.platform import UsageReported
from shared.messaging.envelope import Position
from shared.resilience.errors import Unproven
from shared.storage.projection import Projection
from tests.services.renewal.examples import NOW
from tests.services.renewal.messages import common
from tests.support.clock import FixedClock


def reported(**change: object) -> UsageReported:
    figures = {"users_used": 3, "storage_used_bytes": 2**30, "measured_at": NOW}
    return UsageReported.model_validate({**common(), **figures, **change})


def copies() -> Licences:
    return Licences(Projection(cast("Any", None), LicenceCopy), FixedClock(NOW))


def test_no_figure_of_use_comes_from_the_future() -> None:
    event = reported(measured_at=NOW + timedelta(days=900))
    (write,) = copies().copy_usage(event, Position("platform/1", 1))
    assert write.fields["usage"]["measured_at"] == NOW.isoformat()


@pytest.mark.parametrize(
    "change",
    [{"users_used": -1}, {"users_used": 2**31}, {"storage_used_bytes": -1}, {"storage_used_bytes": 2**63}],
)
def test_figures_of_use_have_bounds(change: dict[str, int]) -> None:
    """The database stores no integer of more than 64 bits: the copy would never be written."""
    with pytest.raises(Unproven):
        copies().copy_usage(reported(**change), Position("platform/1", 1))
