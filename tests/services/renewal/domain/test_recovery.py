"""How often an office may ask for its data."""

import pytest

from services.renewal.domain.recovery import check_limit, request_recovery
from services.renewal.domain.refusal import RenewalError
from shared.events.base import Stage
from tests.services.renewal.examples import NOW, licence


@pytest.mark.parametrize(("asked", "refused"), [(0, False), (2, False), (3, True), (4, True)])
def test_the_limit_refuses_the_next_one(asked: int, refused: bool) -> None:
    ended = licence(stage=Stage.TERMINATED)
    made = [request_recovery(ended, n, "office", "a", "b", NOW).state for n in range(asked)]
    if refused:
        with pytest.raises(RenewalError, match="recovery-limit"):
            check_limit(made, 3)
    else:
        check_limit(made, 3)
