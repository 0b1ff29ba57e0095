"""The events about resources (package, users, storage) that the platform is asked to grant to a subscription.
`platform.ResourcesGranted` answers the request."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import Event


class ResourcesRequested(Event):
    """The platform is asked to grant resources from `granted_from` to `granted_to`, both included, or to
    withdraw a grant (`voided_by` says why).

    A grant is known by `grant_id`. A later `revision` replaces an earlier one; a repeat has the same revision
    and a higher `request`, and asks for a new answer. `kind`: "temporary" ends with its last day or with the
    full grant, "full" belongs to a term. `cause` says what the grant rests on, `cause_no` the number of that
    registration or contract (empty for the licence). `storage_gb` null: what the package includes.
    """

    TYPE: ClassVar[str] = "vn.giahan.renewal.resources_requested.v1"

    grant_id: UUID
    revision: int
    request: int
    kind: Literal["temporary", "full"]
    cause: Literal["registration", "commitment", "contract", "licence"]
    cause_no: str
    renewal_id: UUID | None
    package: str
    users: int
    storage_gb: int | None
    granted_from: date
    granted_to: date
    voided_by: (
        Literal["default", "contract_void", "replaced", "registration_closed", "access_ended"] | None
    ) = None


class ResourcesConfirmed(Event):
    """The platform granted this revision of a grant as it was asked for, or more storage than the package
    includes where none was asked for. Published once a revision; never for a withdrawal, nor for an answer
    that differs: the desk looks at that."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.resources_confirmed.v1"

    grant_id: UUID
    revision: int
    kind: Literal["temporary", "full"]
    cause: Literal["registration", "commitment", "contract", "licence"]
    cause_no: str
    renewal_id: UUID | None
    package: str
    users: int
    storage_gb: int | None
    granted_from: date
    granted_to: date
