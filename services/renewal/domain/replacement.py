"""The registration that takes the place of a cancelled one."""

from services.renewal.domain.frozen import Frozen
from services.renewal.domain.registration.registration import Registration
from shared.events.base import DocumentRef


class Replacement(Frozen):
    """The complete registration that replaces a cancelled one, stored there until it has its own record."""

    registration: Registration
    form: DocumentRef
