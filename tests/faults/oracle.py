"""The test oracle: what must hold in a world at rest, whatever faults were injected. Each check yields its
violations."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from shared.events.base import Stage
from shared.events.notifier import NoticeDelivered
from shared.events.subscription import AccessLocked, SubscriptionExpiring
from tests.faults.snapshot import LoggedEvent, OfficeView, WorldSnapshot

_REMINDED = (90, 60, 30, 15, 7, 3, 1, 0)
_LOCKED, _WARNED, _WARNED_AGAIN = 1, 30, 46
_NOTICE = timedelta(days=2)
_NEVER = date(9000, 1, 1)

Check = Callable[[WorldSnapshot], Iterator[str]]


def recorded_is_published(seen: WorldSnapshot) -> Iterator[str]:
    """Every event of every aggregate is in the log, in order of first appearance and without gaps; no other
    event is."""
    sequences: dict[str, list[int]] = defaultdict(list)
    for told in seen.first_sights:
        sequences[told.aggregate].append(told.sequence)
    for aggregate in sorted(sequences.keys() | {a for a, n in seen.kept.items() if n}):
        expected = list(range(1, seen.kept.get(aggregate, 0) + 1))
        if sequences[aggregate] != expected:
            yield f"{aggregate}: {sequences[aggregate]} in the log, {expected[-1:]} recorded"


def each_transition_once(seen: WorldSnapshot) -> Iterator[str]:
    """Each office gets exactly the transitions of its calendar, each on its day."""
    happened = Counter(filter(None, map(_transition, seen.first_sights)))
    expected = Counter(t for office in seen.offices for t in _expected(office, seen))
    for transition in sorted((happened - expected).keys()):
        yield f"not expected, or too often: {transition}"
    for transition in sorted((expected - happened).keys()):
        yield f"never told: {transition}"


def never_early(seen: WorldSnapshot) -> Iterator[str]:
    """Nothing takes effect before its day began."""
    for told in seen.first_sights:
        transition = _transition(told)
        if transition and (told.at < seen.began.get(transition[2], told.at + 1)):
            yield f"early: {transition}"


def gate_shows_the_stage(seen: WorldSnapshot) -> Iterator[str]:
    for office in seen.offices:
        if office.gate != (stage := _stage(office, seen)):
            yield f"{office.ref}: the gate says {office.gate}, the calendar {stage}"


def every_notice_ends(seen: WorldSnapshot) -> Iterator[str]:
    """Every notice is delivered, refused, parked or overtaken. A delivered notice has exactly one event."""
    delivered = Counter(t.event.message_id for t in seen.first_sights if isinstance(t.event, NoticeDelivered))
    for message_id, notice in seen.notices.items():
        if notice["due_at"] is not None:
            yield f"{message_id}: still {notice['status']}"
        if delivered[message_id] != (notice["status"] == "delivered"):
            yield f"{message_id}: {notice['status']}, told {delivered[message_id]} times"


def every_transition_has_its_notice(seen: WorldSnapshot) -> Iterator[str]:
    told = Counter((n["office_ref"], n["matter"]["since"]) for n in seen.notices.values())
    for transition in filter(None, map(_transition, seen.first_sights)):
        if told[transition[1], transition[2].isoformat()] != 1:
            yield f"not one notice of {transition}"


def one_letter_a_notice(seen: WorldSnapshot) -> Iterator[str]:
    """One letter for each notice, plus one for each attempt with unknown result (SMTP's window)."""
    for message_id in seen.letters.keys() | seen.notices.keys():
        notice, letters = seen.notices.get(message_id), seen.letters[message_id]
        if notice is None:
            yield f"{message_id}: a letter without a notice"
            continue
        least = 1 if notice["status"] == "delivered" else 0
        if not least <= letters <= least + notice["unknowns"]:
            yield f"{message_id}: {letters} letters, {notice['status']}, {notice['unknowns']} unknown"


def dead_letters_as_expected(seen: WorldSnapshot) -> Iterator[str]:
    if seen.dead != seen.expected_dead:
        yield f"{seen.dead} dead letters, {seen.expected_dead} expected"


CHECKS: tuple[Check, ...] = (
    recorded_is_published,
    each_transition_once,
    never_early,
    gate_shows_the_stage,
    every_notice_ends,
    every_transition_has_its_notice,
    one_letter_a_notice,
    dead_letters_as_expected,
)


def violations(seen: WorldSnapshot) -> list[str]:
    return [f"{check.__name__}: {found}" for check in CHECKS for found in check(seen)]


def windows(seen: WorldSnapshot) -> int:
    """The number of second copies that SMTP's window allowed."""
    return sum(max(letters - 1, 0) for letters in seen.letters.values())


Transition = tuple[str, str, date]
"""What, for which office, and from which day."""


def _transition(told: LoggedEvent) -> Transition | None:
    match told.event:
        case SubscriptionExpiring():
            return f"expiring {told.event.days_left}", told.event.office_ref, told.event.effective_on
        case AccessLocked():
            return told.event.new_stage.value, told.event.office_ref, told.event.effective_on
        case _:
            return None


def _expected(office: OfficeView, seen: WorldSnapshot) -> Iterable[Transition]:
    calendar = _OfficeCalendar(office, seen)
    days = [(f"expiring {left}", office.expires_on - timedelta(days=left)) for left in _REMINDED]
    days += [(Stage.LOCKED.value, calendar.locked_on), (Stage.FINAL_NOTICE.value, calendar.warned_on)]
    if not calendar.reminded_by(late := office.expires_on + timedelta(days=_LOCKED)):
        days.append((f"expiring {-_LOCKED}", late))
    if calendar.last_warning_unknown():
        days.append((Stage.FINAL_NOTICE.value, calendar.locked_on + timedelta(days=_WARNED_AGAIN - _LOCKED)))
    for what, day in days:
        if office.since < day <= seen.today:
            yield what, office.ref, day


class _OfficeCalendar:
    """The days on which an office loses access.

    Nobody is locked unless a whole day has passed since the first recorded reminder; later days count from
    the lock.
    """

    def __init__(self, office: OfficeView, seen: WorldSnapshot) -> None:
        notices = [notice for notice in seen.notices.values() if notice["office_ref"] == office.ref]
        self._statuses = [(notice["matter"]["since"], notice["status"]) for notice in notices]
        self._reminded = [
            date.fromisoformat(notice["matter"]["since"])
            for notice in notices
            if notice["matter"]["reason"] == "expiring" and notice["status"] == "delivered"
        ]
        allowed = min(self._reminded) + _NOTICE if self._reminded else _NEVER
        self.locked_on = max(office.expires_on + timedelta(days=_LOCKED), allowed)
        self.warned_on = self.locked_on + timedelta(days=_WARNED - _LOCKED)

    def reminded_by(self, day: date) -> bool:
        return any(on < day for on in self._reminded)

    def last_warning_unknown(self) -> bool:
        """Whether the last warning must be repeated because no delivery is on record. No service ends without
        it. (The desk would call the office; nobody plays the desk here.)"""
        of = [status for since, status in self._statuses if since == self.warned_on.isoformat()]
        return bool(of) and "delivered" not in of


def _stage(office: OfficeView, seen: WorldSnapshot) -> str:
    calendar = _OfficeCalendar(office, seen)
    if seen.today >= calendar.warned_on:
        return Stage.FINAL_NOTICE.value
    if seen.today >= calendar.locked_on:
        return Stage.LOCKED.value
    left = (office.expires_on - seen.today).days
    return Stage.EXPIRING.value if left <= _REMINDED[0] else Stage.ACTIVE.value
