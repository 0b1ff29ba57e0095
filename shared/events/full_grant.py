"""From when a contract gives full use."""

from enum import StrEnum


class FullGrant(StrEnum):
    """From when an office may use fully what its contract grants: from the contract, or from the payment."""

    AT_CONTRACT = "at_contract"
    AT_PAYMENT = "at_payment"
