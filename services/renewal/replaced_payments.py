"""Payments to a registration that was replaced: the one in its place takes over what was said and paid.

A claim or a receipt may cross the replacement. The replacement reads the old receivable after the new
registration is saved, and a payment reads its registration again after it is saved: whichever is later takes
over. Each save is conditional; a repeat changes nothing.
"""

from datetime import datetime
from uuid import UUID

from services.renewal.domain.payment.claims.takeover import follow_earlier, leave_payment, take_over_payment
from services.renewal.domain.payment.receivable import Receivable
from services.renewal.domain.renewal import Renewal
from services.renewal.stores.receivables import Receivables
from services.renewal.stores.renewals import Renewals
from shared.storage.aggregate import Cause


async def take_over(renewals: Renewals, receivables: Receivables, replaced: Renewal, now: datetime) -> None:
    """First the new one's payment, then the old one's, so that a claim is always on the desk's list."""
    new = await _standing(renewals, replaced)
    old = await receivables.stored(replaced.registration.renewal_id)
    if new is None or old is None:
        return
    cause, first, before = Cause.command("take over payment"), Receivable.of(new.registration), old.state
    after = await receivables.change(
        first.id,
        lambda state: take_over_payment(state or first, new, before, replaced, now),
        cause,
    )
    if after and before.renewal_id in after.state.earlier:
        await receivables.change(before.id, lambda state: leave_payment(state) if state else None, cause)


async def follow_replaced(
    renewals: Renewals, receivables: Receivables, replaced: Renewal, now: datetime
) -> None:
    """What counts at a replaced registration changed: the one in its place knows what of it is here."""
    new = await _standing(renewals, replaced)
    known = new and await receivables.stored(new.registration.renewal_id)
    if not (known and known.state.here):
        return
    found = await receivables.stored_by_renewal(known.state.earlier)
    if len(found) < len(set(known.state.earlier)):
        return  # one can't be read
    paid = sum(stored.state.paid for stored in found.values() if stored)
    await receivables.change(
        known.state.id,
        lambda state: follow_earlier(state, paid, now) if state else None,
        Cause.command("follow earlier payments"),
    )


async def _standing(renewals: Renewals, replaced: Renewal) -> Renewal | None:
    """The registration in place of the replaced one, also where that was replaced in turn. None where it
    isn't saved yet."""
    id: UUID | None = replaced.replaced_by
    found = None
    while id:
        if (stored := await renewals.load(id)) is None:
            return None
        found, id = stored.state, stored.state.replaced_by
    return found
