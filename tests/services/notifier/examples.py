"""Example events of an office, and the notices that they cause."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.notifier.domain.matter import NoticeEvent
from services.notifier.domain.notice import Notice, NoticeKey, new_notice
from shared.events.assent import (
    ContractAssented,
    ContractLapsed,
    ContractPaperReceived,
    ContractPaperReturned,
)
from shared.events.base import Capability, DocumentRef, SendBy, Stage
from shared.events.paper_form import (
    PaperCopyRefused,
    PaperFormAccepted,
    PaperFormAwaited,
    PaperFormReceived,
    PaperFormReturned,
    ReturnReason,
)
from shared.events.renewal import (
    ContractPrepared,
    ContractVoided,
    CoveredProduct,
    FormReissued,
    FormSignatureAwaited,
    Party,
    RenewalCancelled,
    RenewalRefused,
    RenewalRegistered,
    SendingChanged,
    Term,
)
from shared.events.resources import ResourcesConfirmed, ResourcesRequested
from shared.events.signing import CertificateFacts, ContractIssued, FormSigned
from shared.events.subscription import (
    AccessLocked,
    AccessRestored,
    Licence,
    SubscriptionAdopted,
    SubscriptionExpiring,
    SubscriptionRecorded,
    SubscriptionRenewed,
    SubscriptionTerminated,
)
from shared.ids import derived, subscription_id
from shared.time.calendar import civil_date

ZONE = "Asia/Ho_Chi_Minh"
LAST_DAY = date(2026, 12, 31)
NOON = datetime(2026, 12, 1, 5, tzinfo=UTC)
OFFICE = "Ủy ban nhân dân xã Tân Thạnh, tỉnh Tây Ninh"
DOMAIN = "giahanso.example"
NEW_TERM = Term(
    basis_expires_on=LAST_DAY,
    basis_stage=Stage.LOCKED,
    term_from=date(2027, 1, 1),
    term_to=date(2027, 12, 31),
    years=1,
)


def common(at: datetime = NOON, office_ref: str = "office-1") -> dict[str, Any]:
    return {
        "subscription_id": subscription_id(office_ref, "qlts"),
        "office_ref": office_ref,
        "product_code": "qlts",
        "effective_on": civil_date(at, ZONE),
        "occurred_at": at,
        "recorded_at": at,
    }


def address(office_ref: str) -> str:
    return f"{office_ref.lower()}@giahanso.example"


def licence(email: str = "ke.toan@tanthanh.example", expires_on: date = LAST_DAY) -> Licence:
    return Licence(
        name=OFFICE,
        tax_code="1100100018",
        budget_code="1047665",
        address="Ấp 1, xã Tân Thạnh, tỉnh Tây Ninh",
        province_code="80",
        zone=ZONE,
        representative="Trần Văn Bình",
        title="Chủ tịch",
        contact_name="Nguyễn Thị Ánh Tuyết",
        contact_phone="0912345678",
        contact_email=email,
        package="basic",
        users=3,
        expires_on=expires_on,
        policy="r117",
    )


def recorded(stage: Stage = Stage.ACTIVE, **more: Any) -> SubscriptionRecorded:
    at, office_ref = more.pop("at", NOON), more.pop("office_ref", "office-1")
    fields = {"stage": stage, "temporary_until": more.pop("temporary_until", None)}
    return SubscriptionRecorded(**common(at, office_ref), **fields, licence=licence(**more))


def adopted(stage: Stage, office_ref: str = "office-1") -> SubscriptionAdopted:
    return SubscriptionAdopted(
        **common(NOON, office_ref),
        stage=stage,
        access=(),
        expires_on=LAST_DAY,
        terminates_on=LAST_DAY + timedelta(days=60),
        deletion_due_on=LAST_DAY + timedelta(days=90),
    )


def on(days_left: int) -> datetime:
    """Noon of the day with that many days left."""
    return datetime(2026, 12, 31, 5, tzinfo=UTC) - timedelta(days=days_left)


def expiring(days_left: int = 30, office_ref: str = "office-1", **more: Any) -> SubscriptionExpiring:
    fields = {**common(on(days_left), office_ref), **more}
    return SubscriptionExpiring(
        **fields, old_stage=Stage.EXPIRING, new_stage=Stage.EXPIRING, days_left=days_left, expires_on=LAST_DAY
    )


def locked(
    days_overdue: int = 1, office_ref: str = "office-1", access: tuple[Capability, ...] = (), **more: Any
) -> AccessLocked:
    stage = Stage.FINAL_NOTICE if days_overdue >= 30 else Stage.LOCKED
    return AccessLocked(
        **{**common(on(-days_overdue), office_ref), **more},
        old_stage=Stage.EXPIRING,
        new_stage=stage,
        access=access,
        days_overdue=days_overdue,
        expires_on=LAST_DAY,
        terminates_on=LAST_DAY + timedelta(days=60),
    )


def terminated(office_ref: str = "office-1") -> SubscriptionTerminated:
    return SubscriptionTerminated(
        **common(on(-60), office_ref),
        old_stage=Stage.FINAL_NOTICE,
        new_stage=Stage.TERMINATED,
        expires_on=LAST_DAY,
        deletion_due_on=LAST_DAY + timedelta(days=90),
    )


def renewal_id(name: str = "first") -> UUID:
    return derived("renewal", name)


def registered(
    at: datetime = NOON,
    send_by: SendBy = SendBy.ELECTRONIC,
    name: str = "first",
    office_ref: str = "office-1",
    email: str = "",
) -> RenewalRegistered:
    """A registration that declares the address `email`, or else the usual one of the tests."""
    stated = licence(email or address(office_ref))
    party = Party(**{field: getattr(stated, field, None) for field in Party.model_fields})
    return RenewalRegistered(
        **common(at, office_ref),
        renewal_id=renewal_id(name),
        registration_no="DK-2026-000123",
        send_by=send_by,
        office=party,
        term=NEW_TERM,
        package="basic",
        users=3,
        total_vnd=2_400_000,
        form=DocumentRef(sha256="a" * 64, size=10, media_type="application/pdf", name="phieu.pdf"),
        form_revision=1,
    )


def sent_on_paper(at: datetime = NOON, name: str = "first", office_ref: str = "office-1") -> SendingChanged:
    ways = {"old_send_by": SendBy.ELECTRONIC, "send_by": SendBy.PAPER}
    return SendingChanged(**_of_renewal(at, name, office_ref), **ways)


def _of_renewal(at: datetime, name: str, office_ref: str) -> dict[str, Any]:
    named = {"renewal_id": renewal_id(name), "registration_no": "DK-2026-000123"}
    return {**common(at, office_ref), **named}


def cancelled(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1", **more: Any
) -> RenewalCancelled:
    why = {"cancelled_by": "office", "reason": "nhầm", "replaced_by": None, **more}
    return RenewalCancelled(**_of_renewal(at, name, office_ref), **why)


def refused(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1", reason: str = "sai mã ngân sách"
) -> RenewalRefused:
    return RenewalRefused(**_of_renewal(at, name, office_ref), reason=reason)


def signature_awaited(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1", reminder: int = 1
) -> FormSignatureAwaited:
    waited = {"days_waited": 10 * reminder, "reminder": reminder}
    return FormSignatureAwaited(**_of_renewal(at, name, office_ref), **waited)


def paper_awaited(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1", reminder: int = 1
) -> PaperFormAwaited:
    waited = {"days_waited": 5 * reminder, "reminder": reminder}
    return PaperFormAwaited(**_of_renewal(at, name, office_ref), **waited)


SCAN = DocumentRef(sha256="e" * 64, size=10, media_type="application/pdf", name="ban-quet.pdf")


def paper_received(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1"
) -> PaperFormReceived:
    dates = {"received_on": civil_date(at, ZONE), "postmarked_on": None}
    return PaperFormReceived(**_of_renewal(at, name, office_ref), form_revision=1, scan=SCAN, **dates)


def paper_returned(
    at: datetime = NOON,
    name: str = "first",
    office_ref: str = "office-1",
    reason: ReturnReason = ReturnReason.UNSTAMPED,
    note: str = "",
) -> PaperFormReturned:
    fields = {"form_revision": 1, "reason": reason, "note": note}
    return PaperFormReturned(**_of_renewal(at, name, office_ref), **fields)


def copy_refused(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1", reason: str = "Chưa đóng dấu"
) -> PaperCopyRefused:
    return PaperCopyRefused(**_of_renewal(at, name, office_ref), form_revision=1, shown=SCAN, reason=reason)


def paper_accepted(
    at: datetime = NOON, name: str = "first", office_ref: str = "office-1"
) -> PaperFormAccepted:
    fields = {"form_revision": 1, "received_on": civil_date(at, ZONE), "scan": SCAN}
    return PaperFormAccepted(**_of_renewal(at, name, office_ref), **fields)


def restated(revision: int, old_basis: date, basis: date, at: datetime = NOON, **more: Any) -> FormReissued:
    """The form of the first registration, reissued because the last day of use was corrected."""

    def term(last_day: date) -> Term:
        moved = {"basis_expires_on": last_day, "term_from": last_day + timedelta(days=1)}
        return NEW_TERM.model_copy(update={**moved, "term_to": last_day + timedelta(days=365)})

    fields = {"form_revision": revision, "reason": "corrected", "old_term": term(old_basis), **more}
    return FormReissued(**_of_renewal(at, "first", "office-1"), form=SCAN, term=term(basis), **fields)


def _certificate() -> CertificateFacts:
    return CertificateFacts(
        fingerprint="b" * 64,
        issuer="CN=Example CA",
        serial="01",
        valid_from=NOON,
        valid_to=NOON + timedelta(days=365),
        match="tax_code",
        revocation="good",
    )


def signed(at: datetime = NOON, name: str = "first", office_ref: str = "office-1") -> FormSigned:
    return FormSigned(
        **common(at, office_ref),
        renewal_id=renewal_id(name),
        form_revision=1,
        issued_form="a" * 64,
        signed_form=DocumentRef(sha256="c" * 64, size=10, media_type="application/pdf", name="phieu.pdf"),
        signed_at=at,
        certificate=_certificate(),
    )


def issued(
    contract: DocumentRef | None = None,
    at: datetime = NOON,
    name: str = "first",
    office_ref: str = "office-1",
    covers: tuple[CoveredProduct, ...] = (),
) -> ContractIssued:
    paper = DocumentRef(sha256="d" * 64, size=10, media_type="application/pdf", name="Hợp đồng.pdf")
    return ContractIssued(
        **common(at, office_ref),
        renewal_id=renewal_id(name),
        registration_no="DK-2026-000123",
        contract_number="12/2026/HĐ-GHS",
        contract_date=civil_date(at, ZONE),
        term=NEW_TERM,
        package="basic",
        users=3,
        total_vnd=2_400_000,
        signed_form=paper,
        contract=contract or paper,
        sealed_at=at,
        certificate=_certificate(),
        covers=covers,
    )


def covered() -> CoveredProduct:
    """Another product of the same contract."""
    return CoveredProduct(
        renewal_id=renewal_id("covered"),
        registration_no="DK-2026-000124",
        subscription_id=subscription_id("office-1", "abc"),
        product_code="abc",
        term=NEW_TERM,
        package="abc-basic",
        package_name="Gói ABC",
        users=7,
        total_vnd=1_000_000,
    )


SIGN_BY = date(2026, 12, 15)


def contract_to_sign(
    contract: DocumentRef | None = None, at: datetime = NOON, **more: Any
) -> ContractPrepared:
    """A contract that its office signs first, unless `sign_by` is None."""
    fields = issued(contract, at).model_dump(include=set(ContractPrepared.model_fields))
    return ContractPrepared(**{**fields, "sign_by": SIGN_BY, **more})


def _of_contract(at: datetime) -> dict[str, Any]:
    return {**_of_renewal(at, "first", "office-1"), "contract_number": "12/2026/HĐ-GHS"}


def contract_received(at: datetime = NOON) -> ContractPaperReceived:
    dates = {"received_on": civil_date(at, ZONE), "postmarked_on": None}
    return ContractPaperReceived(**_of_contract(at), scan=SCAN, **dates)


def contract_returned(at: datetime = NOON, sign_by: date = SIGN_BY) -> ContractPaperReturned:
    why = {"reason": ReturnReason.UNSTAMPED, "note": "Thiếu trang 2", "sign_by": sign_by}
    return ContractPaperReturned(**_of_contract(at), **why)


def assented(at: datetime = NOON) -> ContractAssented:
    return ContractAssented(**_of_contract(at), contract=SCAN, scan=None)


def contract_lapsed(at: datetime = NOON) -> ContractLapsed:
    return ContractLapsed(**_of_contract(at), sign_by=SIGN_BY)


def contract_voided(at: datetime = NOON) -> ContractVoided:
    return ContractVoided(**_of_contract(at), reason="quá hạn", lapsed=True)


def contract_in_force_voided(at: datetime = NOON) -> ContractVoided:
    return ContractVoided(**_of_contract(at), reason="ký nhầm", in_force=True)


def renewed(at: datetime = NOON, office_ref: str = "office-1") -> SubscriptionRenewed:
    return SubscriptionRenewed(
        **common(at, office_ref),
        renewal_id=renewal_id(),
        contract_number="12/2026/HĐ-GHS",
        basis_expires_on=LAST_DAY,
        term_from=NEW_TERM.term_from,
        term_to=NEW_TERM.term_to,
        expires_on=NEW_TERM.term_to,
        package="basic",
        users=3,
        old_stage=Stage.LOCKED,
        new_stage=Stage.ACTIVE,
    )


def restored(at: datetime = NOON, office_ref: str = "office-1") -> AccessRestored:
    return AccessRestored(
        **common(at, office_ref),
        old_stage=Stage.LOCKED,
        new_stage=Stage.ACTIVE,
        access=tuple(Capability),
        expires_on=NEW_TERM.term_to,
    )


def notice(event: NoticeEvent, now: datetime | None = None) -> Notice:
    """The notice as the handler records it on time."""
    at = now or event.recorded_at
    return new_notice(event, NoticeKey.of(event), ZONE, DOMAIN, derived("chain"), at, at)


def grant_confirmed(at: datetime = NOON, office_ref: str = "office-1", **more: Any) -> ResourcesConfirmed:
    granted = {
        "grant_id": derived("grant", "first"),
        "revision": 1,
        "kind": "full",
        "cause": "contract",
        "cause_no": "12/2026/HĐ-GHS",
        "renewal_id": renewal_id(),
        "package": "standard",
        "users": 12,
        "storage_gb": 20,
        "granted_from": NEW_TERM.term_from,
        "granted_to": NEW_TERM.term_to,
    }
    return ResourcesConfirmed.model_validate({**common(at, office_ref), **granted, **more})


def grant_requested(at: datetime = NOON, **more: Any) -> ResourcesRequested:
    asked = grant_confirmed(at).model_dump() | {"request": 1}
    return ResourcesRequested.model_validate({**asked, **more})
