"""Why a document in its present state can't be signed."""

from enum import StrEnum


class RefusalReason(StrEnum):
    NOT_AWAITING = "not_awaiting"
    CONTRACT_NOT_AWAITING = "contract_not_awaiting"
    CERTIFICATE_OF_ANOTHER = "certificate_of_another"
    FORM_CHANGED = "form_changed"
    NO_SUCH_ATTEMPT = "no_such_attempt"
    ATTEMPT_CLOSED = "attempt_closed"
    ATTEMPT_EXPIRED = "attempt_expired"
    UPLOAD_UNCLEAR = "upload_unclear"
    IMAGES_ON_CONTRACT = "images_on_contract"


class SigningError(Exception):
    """A refused command: nothing is changed. `why` is a code; its texts are in `services.signing.texts`."""

    def __init__(self, why: RefusalReason) -> None:
        super().__init__(why.value)
        self.why = why
