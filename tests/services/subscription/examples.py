"""An office, its licence, contracts and clocks for the tests of the subscription service."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.subscription.domain.changes import registration
from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.facts import Release
from services.subscription.domain.stages.end import NoticeOnRecord, record_notice, release_end
from services.subscription.domain.stages.policy import Policies, Policy
from services.subscription.domain.stages.progress import Decided, advance
from services.subscription.domain.subscription import Subscription
from services.subscription.policies import load_policies
from shared.events.base import DocumentRef, Event, SendBy, Stage
from shared.events.renewal import Party, RenewalRegistered, Term
from shared.events.signing import CertificateFacts, ContractIssued
from shared.events.subscription import AccessHeld, Licence

HANOI = "Asia/Ho_Chi_Minh"
ENDS = date(2026, 12, 31)

POLICIES = load_policies()
R117 = POLICIES["r117"]
FULL = R117.access(Stage.ACTIVE)

VIEWING = POLICIES["pre-r117"]
BOTH = POLICIES


def table(id: str, *first_days: int, reminders: tuple[int, ...] = (0,)) -> Policy:
    """A table with r117's stages that begin on other days."""
    rows = R117.model_dump()["stages"]
    for row, day in zip(rows[1:], first_days, strict=True):
        row["first_day"] = day
    fields = {
        "id": id,
        "stages": rows,
        "reminder_days": reminders,
        "deletion_hold_days": 3,
        "end_notice_days": 2,
    }
    return Policy.model_validate(fields)


QUICK = table("quick", -10, 1, 3, 5, reminders=(10, 2, 0))
"""A table in which all stages follow within days."""


def licence(expires_on: date = ENDS, **changes: Any) -> Licence:
    fields: dict[str, Any] = {
        "name": "Trường Tiểu học Ngọc Hà",
        "tax_code": "0101243150",
        "budget_code": "1047665",
        "address": "Phường Ngọc Hà, Thành phố Hà Nội",
        "province_code": "01",
        "zone": HANOI,
        "representative": "Nguyễn Thị Mẫu",
        "title": "Hiệu trưởng",
        "contact_name": "Trần Văn Thử",
        "contact_phone": "0912345678",
        "contact_email": "ke.toan@ngocha.example",
        "package": "standard",
        "users": 10,
        "expires_on": expires_on,
        "policy": "r117",
    }
    return Licence(**{**fields, **changes})


def noon(day: date, zone: str = HANOI) -> datetime:
    """Midday of `day` in `zone`, as an instant in UTC."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def at(state: Subscription, day: date) -> datetime:
    """Midday of `day` in the office's zone."""
    return noon(day, state.zone)


def adopted(on: date, expires_on: date = ENDS, **changes: Any) -> Subscription:
    """The office's subscription, adopted at midday of `on`; its reminder was given that day."""
    return warned(unwarned(on, expires_on, **changes), noon(on, changes.get("zone", HANOI)))


def unwarned(on: date, expires_on: date = ENDS, **changes: Any) -> Subscription:
    """Adopted; no notice has arrived."""
    stated = licence(expires_on, **changes)
    return adopt("ngoc-ha", "qlts", stated, noon(on, stated.zone), BOTH).state


def advanced(state: Subscription, day: date) -> Subscription:
    """As the scheduler leaves it at midday of `day`; every warning's notice arrived on its day."""
    while (change := state.next_change_at) and change <= at(state, day):
        state = advance(state, change, BOTH).state
        recorded = noticed(state, state.stage, change)
        state = recorded.state if recorded else state
    return advance(state, at(state, day), BOTH).state


def noticed(state: Subscription, about: Stage, now: datetime, policies: Policies = BOTH) -> Decided | None:
    """A notice of the present last day was given at `now`."""
    notice = NoticeOnRecord(about, state.licence.expires_on, now)
    return record_notice(state, notice, now, policies)


def warned(state: Subscription, now: datetime, policies: Policies = BOTH) -> Subscription:
    """With its reminder given at `now`."""
    decision = noticed(state, Stage.EXPIRING, now, policies)
    return decision.state if decision else state


def release(day: date, second: str = "b") -> Release:
    """Two people's release, for the plan of `day`."""
    return Release(day=day, plan="0" * 64, by=("a", second))


def ended(expires_on: date = ENDS, **changes: Any) -> Subscription:
    """A subscription on the day of its end: warned, and released by two people."""
    state = advanced(adopted(expires_on, expires_on, **changes), expires_on + days(45))
    end = state.ends_on
    assert end is not None
    released = release_end(state, release(end), at(state, expires_on + days(45)), BOTH)
    assert released is not None
    return advanced(released.state, end)


def contract(basis: date, term_to: date, number: int = 1, **changes: Any) -> ContractIssued:
    document = DocumentRef(sha256="0" * 64, size=1, media_type="application/pdf", name="hop-dong.pdf")
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    fields: dict[str, Any] = {
        "subscription_id": UUID(int=1),
        "office_ref": "ngoc-ha",
        "product_code": "qlts",
        "effective_on": moment.date(),
        "occurred_at": moment,
        "recorded_at": moment,
        "renewal_id": UUID(int=number),
        "registration_no": f"GH-{number}",
        "contract_number": f"{number}/2026/HĐ-QLTS",
        "contract_date": moment.date(),
        "term": Term(
            basis_expires_on=basis,
            basis_stage=Stage.EXPIRING,
            term_from=basis + days(1),
            term_to=term_to,
            years=1,
        ),
        "package": "advanced",
        "users": 30,
        "total_vnd": 1_000_000,
        "signed_form": document,
        "contract": document,
        "sealed_at": moment,
        "certificate": CertificateFacts(
            fingerprint="0" * 64,
            issuer="CN=Test",
            serial="1",
            valid_from=moment,
            valid_to=moment,
            match="vendor",
            revocation="good",
        ),
    }
    return ContractIssued(**{**fields, **changes})


def registration_of(issued: ContractIssued, **changes: Any) -> RenewalRegistered:
    """The registration of the contract, made the day before it."""
    fields = issued.model_dump(include=set(RenewalRegistered.model_fields))
    office = Party(**licence().model_dump(include=set(Party.model_fields)))
    at = issued.occurred_at - timedelta(days=1)
    own = {"send_by": SendBy.ELECTRONIC, "office": office, "form": issued.signed_form, "form_revision": 1}
    return RenewalRegistered(**{**fields, **own, "occurred_at": at, "recorded_at": at, **changes})


def moves(events: Iterable[Event]) -> list[tuple[str, str, date]]:
    """The changes of stage among `events`: from, to, effective on."""
    dumped = [(e.effective_on, e.model_dump()) for e in events if not isinstance(e, AccessHeld)]
    return [
        (body["old_stage"], body["new_stage"], on)
        for on, body in dumped
        if "old_stage" in body and body["old_stage"] != body["new_stage"]
    ]


def on_paper(state: Subscription, id: UUID, now: datetime, policies: Policies) -> Decided | None:
    """Registered at `now`, and open from then on."""
    return registration.change_sending(state, id, SendBy.PAPER, now, now, policies)
