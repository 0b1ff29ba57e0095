"""Builds events and states of the signing domain. A test overrides the fields that it needs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.signing.domain.algorithm import Algorithm
from services.signing.domain.attempt import Resumable
from services.signing.domain.attempt_steps import SignaturePreparation, begin_attempt
from services.signing.domain.certificate import Certificate
from services.signing.domain.form import SigningForm, open_form
from shared.events.assent import ContractAssented
from shared.events.base import DocumentRef, SendBy, Stage
from shared.events.paper_form import PaperFormAccepted
from shared.events.renewal import (
    ContractPrepared,
    FormReissued,
    JoinedRegistration,
    Party,
    RenewalCancelled,
    RenewalRegistered,
    SendingChanged,
    Term,
)
from shared.events.renewer import RenewerNamed, RenewerWithdrawn
from shared.events.subscription import SubscriptionTerminated
from shared.ids import derived, subscription_id

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 25)
OFFICE = "hagiang-stc"
TAX_CODE = "0101243150-001"
RENEWAL = derived("test renewal", OFFICE)
LIFETIME = timedelta(minutes=30)

_ABOUT: dict[str, Any] = {
    "office_ref": OFFICE,
    "product_code": "qlts",
    "effective_on": TODAY,
    "occurred_at": NOW,
    "recorded_at": NOW,
}


def _whole(known: dict[str, Any]) -> dict[str, Any]:
    """With the subscription of the office and product, unless the test gives another one."""
    return {"subscription_id": subscription_id(known["office_ref"], known["product_code"]), **known}


def document(text: str = "form") -> DocumentRef:
    return DocumentRef(
        sha256=derived(text).hex * 2, size=10, media_type="application/pdf", name=f"{text}.pdf"
    )


def term(**changed: Any) -> Term:
    known = {
        "basis_expires_on": date(2026, 11, 1),
        "basis_stage": Stage.LOCKED,
        "term_from": date(2026, 11, 2),
        "term_to": date(2027, 11, 1),
        "years": 1,
    }
    return Term(**{**known, **changed})


OTHER = derived("test renewal", "joined")
JOINED = JoinedRegistration(
    renewal_id=OTHER,
    subscription_id=subscription_id(OFFICE, "qlcb"),
    product_code="qlcb",
    product_name="Phần mềm Quản lý cán bộ",
    term=term(),
    total_vnd=3_000_000,
)


def registered(**changed: Any) -> RenewalRegistered:
    known = {
        **_ABOUT,
        "renewal_id": RENEWAL,
        "registration_no": "GH-0001",
        "send_by": SendBy.ELECTRONIC,
        "office": Party(
            name="Sở Tài chính tỉnh Hà Giang",
            tax_code=TAX_CODE,
            budget_code="1047665",
            address="Hà Giang",
            representative="Nguyễn Văn A",
            title="Giám đốc",
            contact_name="Trần Thị B",
            contact_phone="0912345678",
            contact_email="b@example.vn",
        ),
        "term": term(),
        "package": "standard",
        "users": 10,
        "total_vnd": 1_234_567,
        "form": document(),
        "form_revision": 1,
    }
    return RenewalRegistered(**_whole({**known, **changed}))


def named(user_ref: str, **changed: Any) -> RenewerNamed:
    return RenewerNamed(**_whole({**_ABOUT, "user_ref": user_ref, "evidence": document(), **changed}))


def withdrawn(user_ref: str, **changed: Any) -> RenewerWithdrawn:
    return RenewerWithdrawn(**_whole({**_ABOUT, "user_ref": user_ref, **changed}))


def changed_sending(send_by: SendBy, **changed: Any) -> SendingChanged:
    old = SendBy.PAPER if send_by is SendBy.ELECTRONIC else SendBy.ELECTRONIC
    known = {**_ABOUT, "renewal_id": RENEWAL, "registration_no": "GH-0001"}
    return SendingChanged(**_whole({**known, "old_send_by": old, "send_by": send_by, **changed}))


def paper_accepted(**changed: Any) -> PaperFormAccepted:
    known = {**_ABOUT, "renewal_id": RENEWAL, "registration_no": "GH-0001"}
    scan = {"form_revision": 1, "received_on": TODAY, "scan": document("signed form")}
    return PaperFormAccepted(**_whole({**known, **scan, **changed}))


def cancelled(**changed: Any) -> RenewalCancelled:
    known = {**_ABOUT, "renewal_id": RENEWAL, "registration_no": "GH-0001"}
    why = {"cancelled_by": "office", "reason": "Nhầm gói", "replaced_by": None}
    return RenewalCancelled(**_whole({**known, **why, **changed}))


def reissue(**changed: Any) -> FormReissued:
    known = {
        **_ABOUT,
        "renewal_id": RENEWAL,
        "registration_no": "GH-0001",
        "term": term(basis_stage=Stage.TERMINATED),
        "form": document("form 2"),
        "form_revision": 2,
    }
    return FormReissued(**_whole({**known, **changed}))


def terminated(**changed: Any) -> SubscriptionTerminated:
    known = {
        **_ABOUT,
        "old_stage": Stage.FINAL_NOTICE,
        "new_stage": Stage.TERMINATED,
        "expires_on": date(2026, 11, 1),
        "deletion_due_on": date(2027, 1, 30),
    }
    return SubscriptionTerminated(**_whole({**known, **changed}))


def contract_prepared(**changed: Any) -> ContractPrepared:
    known = {
        **_ABOUT,
        "renewal_id": RENEWAL,
        "registration_no": "GH-0001",
        "contract_number": "1/2026/HĐ-GH",
        "contract_date": TODAY,
        "term": term(),
        "package": "standard",
        "users": 10,
        "total_vnd": 1_234_567,
        "signed_form": document("signed form"),
        "contract": document("contract"),
    }
    return ContractPrepared(**_whole({**known, **changed}))


def contract_assented(prepared: ContractPrepared, /, **changed: Any) -> ContractAssented:
    """The office's assent to the prepared contract: on paper, unless the test gives another file."""
    fields = prepared.model_dump(include=set(ContractAssented.model_fields))
    return ContractAssented(**{**fields, "scan": None, **changed})


def certificate(**changed: Any) -> Certificate:
    known = {
        "fingerprint": "ab" * 32,
        "issuer": "Gia Han Local Issuing CA",
        "serial": "1f",
        "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
        "valid_to": datetime(2060, 1, 1, tzinfo=UTC),
        "revocation": "good",
        "tax_codes": (TAX_CODE,),
    }
    return Certificate(**{**known, **changed})


def preparation(form: DocumentRef | None = None) -> SignaturePreparation:
    return SignaturePreparation(
        issued=(form or document()).sha256,
        certificate=certificate(),
        digest=b"d" * 32,
        algorithm=Algorithm.PS256,
        prepared=document("prepared").sha256,
        resumable=Resumable(
            document_digest=b"d" * 32,
            reserved_from=1,
            reserved_to=2,
            attributes=b"a",
            certificates=(b"c",),
        ),
    )


def awaiting(**changed: Any) -> SigningForm:
    return open_form(registered(**changed)).state


def begun(times: int = 1) -> SigningForm:
    """A form with that many attempts; the last one is open."""
    state = awaiting()
    for _ in range(times):
        state = begin_attempt(state, preparation(), NOW, LIFETIME).state
    return state
