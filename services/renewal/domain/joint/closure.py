"""The steps that would end a product of a joint registration alone, while form and payment are shared.

Once the registration is accepted, its other products have contracts. So the lead, under which all of them are
paid, isn't cancelled, replaced or refused any more, even where its own contract is voided. A product with a
renewal of its own isn't cancelled or replaced: nothing lowers the sum that the lead asks for, so the office
would pay for it twice. For the same reason no contract in force of a form of several products is voided: its
money and its invoice are those of all. A contract over several products that isn't sealed is voided for all
of them, on the lead.
"""

from services.renewal.domain.flow import CANCELLABLE, FlowStep
from services.renewal.domain.refusal import RenewalError
from services.renewal.domain.renewal import Renewal


def refusal_of(renewal: Renewal, step: FlowStep) -> str | None:
    """The name of the refusal; None where the joint registration doesn't prevent the step.

    While the lead still carries products, its contract isn't voided: the registration would be open again,
    and closed as a whole, while some of the products have contracts already.
    """
    if step is FlowStep.CANCEL and renewal.registration.lead:
        return "joint-product"
    if step in (FlowStep.CANCEL, FlowStep.REFUSE) and renewal.has_released:
        return "joint-accepted"
    if step in (FlowStep.VOID_CONTRACT, FlowStep.LAPSE) and renewal.carries_joined:
        return "joint-unmade"
    if step in (FlowStep.VOID_CONTRACT, FlowStep.PROPOSE_VOID) and renewal.contract_of:
        return "contract-of-lead"
    if step in (FlowStep.PROPOSE_VOID, FlowStep.APPROVE_VOID):
        return _refusal_to_void(renewal)
    return None


def _refusal_to_void(renewal: Renewal) -> str | None:
    if renewal.registration.lead:
        return "void-of-joined"
    return "void-of-lead" if renewal.registration.joined else None


def check(renewal: Renewal, step: FlowStep) -> None:
    """Raises RenewalError where the joint registration prevents the step. It names the lead of a joined
    product."""
    if name := refusal_of(renewal, step):
        lead = renewal.registration.lead
        about = {"registration": str(lead.renewal_id), "registration_no": lead.number} if lead else {}
        raise RenewalError(name, **about)


def is_cancellable(renewal: Renewal) -> bool:
    """Whether the registration can still be cancelled or replaced."""
    return renewal.status in CANCELLABLE and refusal_of(renewal, FlowStep.CANCEL) is None
