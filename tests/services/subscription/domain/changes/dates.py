"""The last day of full access moves: by an extension, or by a correction."""

from datetime import date

from services.subscription.domain.changes.concession import concede
from services.subscription.domain.changes.correction import correct
from services.subscription.domain.facts import Concession
from services.subscription.domain.subscription import Subscription
from tests.services.subscription.examples import BOTH, licence, noon


def conceded(state: Subscription, on: date, until: date | None) -> Subscription:
    """The desk extends until `until`, or takes its extension back (None)."""
    extension = Concession(until=until, reason="bão", by="ops") if until else None
    return concede(state, "extension", extension, noon(on), BOTH).state


def corrected(state: Subscription, on: date, until: date) -> Subscription:
    return correct(state, licence(until), noon(on), BOTH).state
