"""The events of signing and subscription that renewal handles, for its tests."""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.renewal.domain.renewal import PostedForm
from services.renewal.render.preview.samples import OFFICE
from shared import ids
from shared.events.base import DocumentRef, Stage
from shared.events.renewal import Term
from shared.events.signing import (
    CertificateFacts,
    ContractIssued,
    ContractSigned,
    FormSigned,
    SealFailed,
    SigningSuperseded,
)
from shared.events.subscription import Licence, SubscriptionRecorded
from tests.services.renewal.examples import NOW, OFFICE_REF, RENEWAL, TODAY

TERM = Term(
    basis_expires_on=date(2025, 12, 31),
    basis_stage=Stage.LOCKED,
    term_from=date(2026, 1, 1),
    term_to=date(2026, 12, 31),
    years=1,
)


def document(name: str) -> DocumentRef:
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return DocumentRef(sha256=sha256, size=len(name), media_type="application/pdf", name=name)


def common(office_ref: str = OFFICE_REF, product_code: str = "qlts") -> dict[str, Any]:
    return {
        "subscription_id": ids.subscription_id(office_ref, product_code),
        "office_ref": office_ref,
        "product_code": product_code,
        "effective_on": TODAY,
        "occurred_at": NOW,
        "recorded_at": NOW,
    }


def certificate(match: str = "tax_code") -> CertificateFacts:
    facts = {
        "fingerprint": "ab" * 32,
        "issuer": "CN=CA Thử nghiệm",
        "serial": "1",
        "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
        "valid_to": datetime(2060, 1, 1, tzinfo=UTC),
        "match": match,
        "revocation": "good",
    }
    return CertificateFacts.model_validate(facts)


def form_signed(
    *,
    renewal_id: UUID = RENEWAL,
    revision: int = 1,
    match: str = "tax_code",
    signed: DocumentRef | None = None,
    office_ref: str = OFFICE_REF,
    looks: tuple[str, ...] = (),
    product_code: str = "qlts",
) -> FormSigned:
    return FormSigned(
        **common(office_ref, product_code),
        renewal_id=renewal_id,
        form_revision=revision,
        issued_form=document(f"form {revision}").sha256,
        signed_form=signed or document("signed form"),
        signed_at=NOW,
        certificate=certificate(match),
        looks=looks,
    )


def contract_issued(
    number: str,
    *,
    renewal_id: UUID = RENEWAL,
    office_ref: str = OFFICE_REF,
    sealed: DocumentRef | None = None,
    product_code: str = "qlts",
) -> ContractIssued:
    return ContractIssued(
        **common(office_ref, product_code),
        renewal_id=renewal_id,
        registration_no="GH-VSWE-60Y3",
        contract_number=number,
        contract_date=TODAY,
        term=TERM,
        package="standard",
        users=12,
        total_vnd=5_300_000,
        signed_form=document("signed form"),
        contract=sealed or document("sealed contract"),
        sealed_at=NOW,
        certificate=certificate("vendor"),
    )


def contract_signed(number: str, *, renewal_id: UUID = RENEWAL) -> ContractSigned:
    return ContractSigned(
        **common(),
        renewal_id=renewal_id,
        contract_number=number,
        issued_contract=document("contract").sha256,
        signed_contract=document("signed contract"),
        signed_at=NOW,
        certificate=certificate(),
    )


def seal_failed(
    number: str, reason: str, *, renewal_id: UUID = RENEWAL, office_ref: str = OFFICE_REF
) -> SealFailed:
    return SealFailed(**common(office_ref), renewal_id=renewal_id, contract_number=number, reason=reason)


def superseded(
    revision: int, *, renewal_id: UUID = RENEWAL, office_ref: str = OFFICE_REF
) -> SigningSuperseded:
    return SigningSuperseded(
        **common(office_ref),
        renewal_id=renewal_id,
        form_revision=revision,
        issued_form=document(f"form {revision}").sha256,
        reason="terminated",
    )


def recorded(
    *,
    stage: Stage = Stage.LOCKED,
    expires_on: date = date(2025, 12, 31),
    office_ref: str = OFFICE_REF,
    product_code: str = "qlts",
) -> SubscriptionRecorded:
    licence = Licence(
        **OFFICE.model_dump(),
        province_code="01",
        zone="Asia/Ho_Chi_Minh",
        package="standard",
        users=10,
        expires_on=expires_on,
        policy="r117",
    )
    return SubscriptionRecorded(**common(office_ref, product_code), licence=licence, stage=stage)


def posted_form(revision: int = 1, name: str = "scan") -> PostedForm:
    return PostedForm(
        revision=revision,
        received_on=TODAY,
        postmarked_on=None,
        scan=document(name),
        entered_by="clerk-1",
    )
