"""What the person is shown on the phone as the thing to sign."""

from services.signing.domain.attempt import Signable
from services.signing.domain.contract import ContractSeal
from services.signing.domain.form import SigningForm
from services.signing.texts import REMOTE_TITLES
from shared.text.i18n import Text


def title_of(document: Signable) -> Text:
    if isinstance(document, ContractSeal):
        return REMOTE_TITLES["contract"].fill(no=document.contract.contract_number)
    if isinstance(document, SigningForm) and document.ordered:
        return REMOTE_TITLES["form"].fill(no=document.ordered.registration_no)
    return REMOTE_TITLES["form_plain"]
