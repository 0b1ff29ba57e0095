"""What the office may use now that its contract is issued."""

from datetime import date
from typing import Literal, NamedTuple

from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.licence import LicenceCopy
from services.renewal.domain.renewal import Renewal
from shared.progress.form_deadline import RUNNING
from shared.situation import situation


class UseByContract(NamedTuple):
    """`text` is the key of the page's sentence, `day` the last day of use in it."""

    text: Literal[
        "registration.usable",
        "registration.unpaid",
        "registration.unpaid_late",
        "registration.unpaid_no_day",
        "notice.renewed",
        "notice.at_the_desk",
    ]
    day: date | None = None


def use_by_contract(renewal: Renewal, licence: LicenceCopy, today: date) -> UseByContract | None:
    """None before the contract is issued, and once the product can't be used freely any more."""
    if renewal.status is not RegistrationStatus.CONTRACT_ISSUED:
        return None
    id = renewal.registration.renewal_id
    if id in licence.disputed:
        return UseByContract("notice.at_the_desk")
    if id in licence.unpaid:
        return _unpaid(renewal, licence, today)
    if licence.contracts is not None and id not in licence.contracts:
        return UseByContract("notice.renewed")
    now = situation(licence.facts(None, None), today)
    return UseByContract("registration.usable", now.usable_until) if now.kind in RUNNING else None


def _unpaid(renewal: Renewal, licence: LicenceCopy, today: date) -> UseByContract:
    """A day to pay that the subscription service doesn't name is over, or was never agreed to."""
    commitment, day = renewal.commitment, licence.pay_by
    if day and today <= day:
        return UseByContract("registration.unpaid", day)
    is_late = day is not None or (commitment is not None and commitment.is_in_default)
    return UseByContract("registration.unpaid_late" if is_late else "registration.unpaid_no_day")
