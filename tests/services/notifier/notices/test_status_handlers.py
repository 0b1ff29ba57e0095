"""The status of a renewal, whatever the order in which its events are handled."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from services.notifier.domain.subscription_status import RegistrationProgress
from shared.events.base import Event, SendBy
from shared.ids import fresh, subscription_id
from shared.messaging.envelope import Envelope
from shared.messaging.routes import Routes
from shared.situation import Turn
from tests.services.notifier import examples as ex
from tests.services.notifier.rig import Rig
from tests.services.notifier.world import envelope

LATER = ex.NOON + timedelta(hours=1)


def events_of(office_ref: str, kind: str) -> list[Event]:
    """The renewal service's events, in order."""
    named = {"name": office_ref, "office_ref": office_ref}
    first = ex.registered(ex.NOON, SendBy.PAPER, office_ref, office_ref)
    lives: dict[str, list[Event]] = {
        "returned": [
            first,
            ex.paper_awaited(LATER, office_ref, office_ref),
            ex.paper_received(LATER, **named),
            ex.paper_returned(LATER, office_ref, office_ref),
        ],
        "came again": [
            first,
            ex.paper_received(ex.NOON, **named),
            ex.paper_returned(ex.NOON, office_ref, office_ref),
            ex.paper_received(LATER, **named),
        ],
        "refused": [
            ex.registered(ex.NOON, SendBy.ELECTRONIC, office_ref, office_ref),
            ex.sent_on_paper(LATER, **named),
            ex.paper_accepted(LATER, **named),
            ex.refused(LATER, **named),
        ],
    }
    return lives[kind]


async def status_after(rig: Rig, office_ref: str, envelopes: Sequence[Envelope]) -> RegistrationProgress:
    routes = Routes()
    rig.handlers.status_handlers.add_routes(routes)
    for one in envelopes:
        await routes.handle(one)
    status = await rig.handlers.status_handlers.statuses.get(subscription_id(office_ref, "qlts"))
    assert status is not None
    return status.renewals[ex.renewal_id(office_ref)]


@pytest.mark.parametrize("kind", ["returned", "came again", "refused"])
async def test_status_is_as_if_all_had_come_in_order(rig: Rig, kind: str) -> None:
    """Guards against: a registration was a dead letter. It is redriven after later events about its form, is
    ignored as older, and the banner asks the office to register again."""
    found = []
    for order in permutations(range(4)):
        office_ref = f"T-{fresh().hex[:8]}"
        envelopes = [envelope(event, n) for n, event in enumerate(events_of(office_ref, kind), 1)]
        found.append(
            await status_after(rig, office_ref, [*(envelopes[place] for place in order), envelopes[0]])
        )
    in_turn = found[0]
    assert all(other == in_turn for other in found)
    assert (in_turn.send_by, in_turn.registered_at) == (SendBy.PAPER, ex.NOON)
    assert (in_turn.turn is Turn.SEND_PAPER) == (kind == "returned")
