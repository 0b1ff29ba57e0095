"""An office, its licence, contracts and clocks for the tests of the subscription service."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.subscription.domain.changes import adopt
from services.subscription.domain.subscription import Subscription
from services.subscription.policies import load_policies
from shared.events.base import DocumentRef, Event, Stage
from shared.events.renewal import Term
from shared.events.signing import CertificateFacts, ContractIssued
from shared.events.subscription import Licence

HANOI = "Asia/Ho_Chi_Minh"
ENDS = date(2026, 12, 31)

POLICIES = load_policies()
R117 = POLICIES["r117"]
FULL = R117.access(Stage.ACTIVE)

VIEWING = POLICIES["pre-r117"]
BOTH = POLICIES


def licence(expires_on: date = ENDS, **changes: Any) -> Licence:
    given: dict[str, Any] = {
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
    return Licence(**{**given, **changes})


def noon(day: date, zone: str = HANOI) -> datetime:
    """Midday of `day` in `zone`, as an instant in UTC."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def adopted(on: date, expires_on: date = ENDS, **changes: Any) -> Subscription:
    """The office's subscription, taken over at midday of `on`."""
    told = licence(expires_on, **changes)
    return adopt("ngoc-ha", "qlts", told, noon(on, told.zone), BOTH).state


def contract(basis: date, term_to: date, number: int = 1, **changes: Any) -> ContractIssued:
    document = DocumentRef(sha256="0" * 64, size=1, media_type="application/pdf", name="hop-dong.pdf")
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    given: dict[str, Any] = {
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
    return ContractIssued(**{**given, **changes})


def moves(events: Iterable[Event]) -> list[tuple[str, str, date]]:
    """The changes of stage among `events`: from, to, effective on."""
    told = [(e.effective_on, e.model_dump()) for e in events]
    return [
        (body["old_stage"], body["new_stage"], on)
        for on, body in told
        if "old_stage" in body and body["old_stage"] != body["new_stage"]
    ]
