"""The reasons for which an office gets a notice."""

from enum import StrEnum


class NoticeReason(StrEnum):
    EXPIRING = "expiring"
    LOCKED = "locked"
    FINAL_NOTICE = "final_notice"
    TERMINATED = "terminated"
    REGISTERED = "registered"
    ADDRESS_CHANGED = "address_changed"
    SIGNATURE_AWAITED = "signature_awaited"
    PAPER_AWAITED = "paper_awaited"
    FORM_RESTATED = "form_restated"
    PAPER_RECEIVED = "paper_received"
    PAPER_RETURNED = "paper_returned"
    COPY_REFUSED = "copy_refused"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CONTRACT_TO_SIGN = "contract_to_sign"
    CONTRACT_RECEIVED = "contract_received"
    CONTRACT_RETURNED = "contract_returned"
    CONTRACT_LAPSED = "contract_lapsed"
    CONTRACT = "contract"
    RESOURCES_GRANTED = "resources_granted"
    COMMITMENT_ACCEPTED = "commitment_accepted"
    COMMITMENT_REFUSED = "commitment_refused"
    COMMITMENT_EXTENDED = "commitment_extended"
    PAYMENT_DUE = "payment_due"
    PAYMENT_OVERDUE = "payment_overdue"
    PAYMENT_NOT_SEEN = "payment_not_seen"
    CLAIM_REFUSED = "claim_refused"
    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_REFUNDED = "payment_refunded"
    PAYMENT_CORRECTED = "payment_corrected"


# Notices that are sent again after an unknown outcome: two copies do less harm than none. Of a receipt or a
# refund, two copies would look like two payments.
INSISTENT = frozenset(
    {
        NoticeReason.LOCKED,
        NoticeReason.FINAL_NOTICE,
        NoticeReason.TERMINATED,
        NoticeReason.ADDRESS_CHANGED,
        NoticeReason.PAPER_RETURNED,
        NoticeReason.FORM_RESTATED,
        NoticeReason.COPY_REFUSED,
        NoticeReason.REFUSED,
        NoticeReason.CANCELLED,
        NoticeReason.CONTRACT_TO_SIGN,
        NoticeReason.CONTRACT_RETURNED,
        NoticeReason.CONTRACT_LAPSED,
        NoticeReason.CONTRACT,
        NoticeReason.COMMITMENT_REFUSED,
        NoticeReason.PAYMENT_OVERDUE,
        NoticeReason.PAYMENT_NOT_SEEN,
        NoticeReason.CLAIM_REFUSED,
        NoticeReason.PAYMENT_CORRECTED,
    }
)
