"""Prepares the contract: allocates its number, renders it, and stores it before the save that refers to it.
One contract over several products has the number of the registration that carries their form.

What is left behind when the process dies, and what the repeat of the request or message does:

| the process dies                       | left behind                  | the repeat                        |
|----------------------------------------|------------------------------|-----------------------------------|
| before the number is allocated         | nothing                      | allocates the number              |
| number allocated                       | the number, for this renewal | gets the same number and date,    |
|                                        |                              | hence the same bytes              |
| rendered, before or while storing      | at most an unreferenced file | renders the same bytes, stores    |
|                                        | (collected after a day)      |                                   |
| stored, before the renewal is saved    | a contract nobody refers to  | saves, with the same contract     |
| saved, before the answer or the offset | the renewal and its events   | known, changes nothing            |
"""

from dataclasses import dataclass
from datetime import datetime

from services.renewal.contract.number_allocation import Allocation, ContractNumbers
from services.renewal.domain import money
from services.renewal.domain.contract.contract import prepare_contract
from services.renewal.domain.flow import RegistrationStatus
from services.renewal.domain.joint.members import on_its_form, to_cover
from services.renewal.domain.payment.commitment_steps import paid_use_until, with_day_ahead
from services.renewal.domain.registration.term import on_contract_date
from services.renewal.domain.renewal import Renewal
from services.renewal.domain.vendor import Vendor
from services.renewal.render.content import ContractContent, ContractTerm, Restated
from services.renewal.render.renderer import Renderer
from shared.events.base import DocumentRef
from shared.storage.aggregate import Decision
from shared.storage.documents import Documents, Provenance

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class ContractFactory:
    renderer: Renderer
    documents: Documents
    numbers: ContractNumbers
    vendor: Vendor
    dialect: money.Dialect

    async def with_contract(self, decision: Decision[Renewal], now: datetime) -> Decision[Renewal]:
        """The decision; where it accepts the renewal, with the prepared contract added."""
        renewal = decision.state
        if renewal.status is not RegistrationStatus.ACCEPTED or renewal.contract_number:
            return decision
        registration = renewal.registration
        void, zone = len(renewal.void_contracts), registration.zone
        allocated = await self.numbers.allocate(registration.renewal_id, now, zone, void)
        renewal = with_day_ahead(renewal, allocated.dated)
        contract = await self._contract(renewal, allocated)
        prepared = prepare_contract(renewal, allocated.number, allocated.dated, contract, now)
        return Decision(prepared.state, decision.events + prepared.events)

    async def _contract(self, renewal: Renewal, allocated: Allocation) -> DocumentRef:
        registration, basis = renewal.registration, renewal.basis_form
        if basis is None:
            raise ValueError("a contract is made on a signed form only")
        number, on_paper, covered = allocated.number, renewal.is_stamped(basis), to_cover(renewal)
        total = sum(each.order.total for each in (registration, *covered))
        content = ContractContent(
            vendor=self.vendor,
            registration=registration.model_copy(update={"joined": covered}),
            number=number,
            dated=allocated.dated,
            numbered_at=allocated.at,
            term=on_contract_date(registration.term, allocated.dated, registration.term_rule),
            total_in_words=money.in_words(total, self.dialect),
            form_number=registration.form_number(basis.revision),
            signed_form=basis.document.sha256,
            form_signed_at=None if on_paper else renewal.form_signed_at,
            form_received_on=renewal.posted.received_on if renewal.posted and on_paper else None,
            restated=restated_term(renewal, basis.revision),
            nth=renewal.nth_contract,
            pay_by=paid_use_until(renewal, allocated.dated),
            joined=tuple(
                ContractTerm(
                    term=on_contract_date(each.term, allocated.dated, each.term_rule),
                    restated=restated_term(on_its_form(renewal, place), basis.revision),
                )
                for place, each in enumerate(covered)
            ),
        )
        name = f"hop-dong-{number.n:06d}-{number.year}.pdf"
        contract, of = await self.renderer.contract(content), Provenance("contract", registration.renewal_id)
        return await self.documents.put(contract, media_type=_PDF, name=name, of=of)


def restated_term(renewal: Renewal, revision: int) -> Restated | None:
    """How the signed form's term was restated, where the current one has other days; else None. A revision
    that came for another product on the form, or that took a correction back, changed nothing."""
    registration = renewal.registration
    others = [form for form in renewal.earlier if not form.term.has_days_of(registration.term)]
    signed = next((form for form in others if form.revision == revision), None)
    if signed is None:
        return None
    told = others[-1].revision + 1
    return Restated(
        revision=revision,
        stated=signed.term,
        notice=f"{registration.form_number(told)}/{told}",
        told_at=others[-1].reissued_at,
        confirmed=signed.agreed_to < signed.term.term_to,
    )
