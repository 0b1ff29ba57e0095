"""The registration that carries the form of another one, which is joined to it."""

from uuid import UUID

from services.renewal.domain.frozen import Frozen


class FormCarrier(Frozen):
    """The registration that carries the form of a joined one: its id and number. `last_revision` is the last
    revision that is of both: the later ones are the joined one's own. None while the form is carried."""

    renewal_id: UUID
    number: str
    last_revision: int | None = None

    def carries(self, revision: int) -> bool:
        return self.last_revision is None or revision <= self.last_revision
