"""A contract that is void, and a proposal to void one that is in force."""

from datetime import date, datetime

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.numbers import ContractNumber


class VoidedContract(Frozen):
    """A contract that the clerk `by` voided, or that `lapsed` because the office didn't sign it in time. Its
    number stays void and is never used again. `approved_by`: the second person, for a contract that was in
    force."""

    number: ContractNumber
    dated: date
    reason: str
    by: str
    at: datetime
    lapsed: bool = False
    approved_by: str | None = None

    @property
    def was_in_force(self) -> bool:
        return self.approved_by is not None


class VoidProposal(Frozen):
    """The first person's word that the contract in force is to be void. Another one must approve it."""

    reason: str
    by: str
    at: datetime
