"""The timeline items of one recorded change, derived from the state before and after it.

A change may have been recorded late, after several stages. The days on which these took effect come from the
same function that emitted them: nothing is decided here a second time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.subscription.domain.facts import ContractTerms
from services.subscription.domain.stages.context import StageContext
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.subscription import Subscription
from services.subscription.domain.timeline.items import Item
from services.subscription.domain.timeline.texts import ItemKind, sentence
from shared.events.base import Stage
from shared.text.i18n import Text
from shared.time.calendar import civil_date

_TERM = {"expires_on", "policy"}
_GRANTED = {"package", "users"}
TimelineFact = tuple[ItemKind, Text]


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """One entry of the audit: `before` is None for the first."""

    at: datetime
    actor: str
    reason: str
    before: Subscription | None
    after: Subscription

    def item(self, on: date, kind: ItemKind, text: Text) -> Item:
        return Item(on=on, at=self.at, kind=kind, text=text, who=self.actor, why=self._why(kind))

    def _why(self, kind: ItemKind) -> str:
        after = self.after
        granted = {
            "extension": after.extension,
            "exemption": after.exemption,
            "deletion_proposed": after.deletion,
        }
        fact = granted.get(kind)
        return self.reason or (fact.reason if fact else "")


def past_items(change: RecordedChange, policies: Policies) -> Iterator[Item]:
    """The items of the change, in the order in which they took effect."""
    after, today = change.after, civil_date(change.at, change.after.zone)
    if change.before is None:
        text = sentence("adopted", stage=after.stage, day=after.licence.expires_on)
        yield change.item(today, "adopted", text)
        return
    passed = list(StageContext.of(change.before, policies).moves(change.before.told_on, after.told_on))
    stage = passed[-1][2] if passed else change.before.stage
    for day, old, new in passed:
        yield change.item(day, "stage", sentence("stage", old=old, new=new))
    if not passed:
        yield from _repeated_warning(change, policies)
    # A warning that was passed over counts as given: it gets no item of its own.
    counted = (*change.before.notices, *(old for _, old, _ in passed[1:]))
    for fact in differences(change.before.with_(notices=counted), after):
        yield change.item(today, *fact)
    if stage != after.stage:
        yield change.item(after.told_on, "stage", sentence("stage", old=stage, new=after.stage))
    elif not any(day == after.told_on for day, _, _ in passed):
        yield from _reminder(change, policies)


def _repeated_warning(change: RecordedChange, policies: Policies) -> Iterator[Item]:
    before, after = change.before, change.after
    day = StageContext.of(before, policies).schedule.warning_repeats_on if before else None
    if before and day and before.told_on < day <= after.told_on:
        yield change.item(day, "warned_again", sentence("warned_again"))


def _reminder(change: RecordedChange, policies: Policies) -> Iterator[Item]:
    """The reminder of that day, if nothing else was emitted on it."""
    before, after = change.before, change.after
    if before is None or (after.hold != before.hold and not _held_earlier(before, after, policies)):
        return
    context = StageContext.of(after, policies)
    if context.reminder_due_since(StageContext.of(before, policies)):
        left = (context.counted_from - after.told_on).days
        yield change.item(after.told_on, "reminder", sentence("reminder", left=left))


def _held_earlier(before: Subscription, after: Subscription, policies: Policies) -> bool:
    shows = StageContext.of(before, policies).schedule.hold_starts_on
    return shows is not None and before.told_on < shows < after.told_on


def differences(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    """The new facts, derived from the difference of two states."""
    gone = [terms for terms in before.disputed if terms not in after.disputed]
    settled = [terms for terms in gone if terms.renewal_id not in after.void_contracts]
    renewed = _is_renewal(before, after, settled)
    yield from _licence(before, after, renewed)
    yield from _void_contracts(before, after)
    yield from _disputes(before, after, [terms for terms in settled if not renewed])
    yield from _registrations(before, after)
    yield from _concessions(before, after, renewed)
    yield from _holds(before, after, renewed)
    yield from _notices(before, after)
    yield from _end(before, after)
    yield from _recoveries(before, after)


def _void_contracts(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    known = {terms.renewal_id: terms.contract_number for terms in before.disputed}
    known |= {before.contract.renewal_id: before.contract.contract_number} if before.contract else {}
    known |= {id: one.contract.contract_number for id, one in before.registrations.items() if one.contract}
    for id in after.void_contracts:
        if id not in before.void_contracts:
            yield "contract_void", sentence("contract_void", number=known.get(id, str(id)))


def _is_renewal(before: Subscription, after: Subscription, settled: list[ContractTerms]) -> bool:
    at_once = len(after.renewals) > len(before.renewals) and len(after.disputed) <= len(before.disputed)
    return at_once or any(terms.term_to == after.licence.expires_on for terms in settled)


def _licence(before: Subscription, after: Subscription, renewed: bool) -> Iterator[TimelineFact]:
    old, new = before.licence, after.licence
    if renewed:
        yield "renewed", sentence("renewed", old=old.expires_on, new=new.expires_on)
    elif old.expires_on != new.expires_on:
        yield "corrected", sentence("corrected", old=old.expires_on, new=new.expires_on)
    stated = _TERM | _GRANTED if renewed else _TERM
    fields = [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]
    if others := [name for name in fields if name not in stated]:
        yield "details", sentence("details", fields=", ".join(others))
    if old.policy != new.policy:
        yield "table", sentence("table", table=new.policy)


def _disputes(
    before: Subscription, after: Subscription, refused: list[ContractTerms]
) -> Iterator[TimelineFact]:
    for terms in after.disputed:
        if terms not in before.disputed:
            yield "disputed", sentence("disputed", number=terms.contract_number, day=terms.basis_expires_on)
    for terms in refused:
        yield "set_aside", sentence("set_aside", number=terms.contract_number)


def _registrations(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    for id in after.open_registrations:
        if id not in before.open_registrations:
            yield "registered", sentence("registered", id=id)
    for id in before.open_registrations:
        if id not in (*after.open_registrations, *after.renewals):
            yield "registration_closed", sentence("registration_closed", id=id)


def _concessions(before: Subscription, after: Subscription, renewed: bool) -> Iterator[TimelineFact]:
    kinds: tuple[tuple[ItemKind, ItemKind], ...] = (
        ("extension", "extension_withdrawn"),
        ("exemption", "exemption_withdrawn"),
    )
    for granted, withdrawn in kinds:
        old, new = getattr(before, granted), getattr(after, granted)
        if new and new != old:
            yield granted, sentence(granted, day=new.until)
        elif old and not new and not renewed:
            yield withdrawn, sentence(withdrawn)
    if after.temporary_until and after.temporary_until != before.temporary_until:
        yield "temporary", sentence("temporary", day=after.temporary_until)
    elif before.temporary_until and not after.temporary_until and not renewed:
        yield "temporary_withdrawn", sentence("temporary_withdrawn")


def _holds(before: Subscription, after: Subscription, renewed: bool) -> Iterator[TimelineFact]:
    same_date = before.licence.expires_on == after.licence.expires_on
    released = same_date and not renewed and after.trust.named and not before.trust.named
    if released:
        yield "hold_released", sentence("hold_released", day=after.licence.expires_on)
    elif before.hold and not after.hold and same_date and not renewed:
        yield "hold_ended", sentence("hold_ended")
    if after.hold and (after.hold != before.hold or not same_date):
        yield "held", sentence("held", why=after.hold)


def _notices(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    if after.trust.noticed_on and before.trust.noticed_on is None:
        yield "date_noticed", sentence("date_noticed", day=after.licence.expires_on)
    elif after.warned not in (None, before.warned) and after.temporary_until == before.temporary_until:
        yield "noticed", sentence("noticed", stage=Stage.EXPIRING)
    for stage in after.notices:
        if stage not in before.notices:
            yield "noticed", sentence("noticed", stage=stage)


def _end(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    if (release := after.release) and release != before.release:
        first, second = release.by
        text = sentence("end_released", first=first, second=second, day=release.day, plan=release.plan[:12])
        yield "end_released", text
    if before.release and not release and after.locked_since and not after.terminated_on:
        yield "release_lapsed", sentence("release_lapsed", day=before.release.day)
    old, new = before.deletion, after.deletion
    if new is None or new == old:
        return
    if old is None or old.id != new.id:
        yield "deletion_proposed", sentence("deletion_proposed")
        return
    if new.approved_by and not old.approved_by:
        yield "deletion_requested", sentence("deletion_requested")
    if new.cancelled and not old.cancelled:
        yield "deletion_cancelled", sentence("deletion_cancelled")
    if new.deleted_at and not old.deleted_at:
        yield "deleted", sentence("deleted", proof=new.proof)


def _recoveries(before: Subscription, after: Subscription) -> Iterator[TimelineFact]:
    known = {recovery.id: recovery for recovery in before.recoveries}
    for recovery in after.recoveries:
        if recovery.id not in known:
            yield "recovery_asked", sentence("recovery_asked")
        elif recovery.answer and not known[recovery.id].answer:
            yield "recovery_answered", sentence("recovery_answered", answer=recovery.answer)
