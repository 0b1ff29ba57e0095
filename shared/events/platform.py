"""Events of the vendor's platform, on topic `platform.events`: its answers and its measurements."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from shared.events.base import Event
from shared.text.characters import harmless

PlatformText = Annotated[str, AfterValidator(harmless)]


class DataDeleted(Event):
    """The platform deleted the data of an ended subscription. `proof` is the platform's own reference."""

    TYPE: ClassVar[str] = "vn.giahan.platform.data_deleted.v1"

    deletion_id: UUID
    deleted_at: AwareDatetime
    proof: PlatformText


class DataRecoveryAnswered(Event):
    """The platform's answer to a request to recover data."""

    TYPE: ClassVar[str] = "vn.giahan.platform.data_recovery_answered.v1"

    recovery_id: UUID
    answer: Literal["restored", "partly", "impossible"]
    note: PlatformText


class UsageReported(Event):
    """How much of its licence an office uses, measured at `measured_at`. Readers keep the newest."""

    TYPE: ClassVar[str] = "vn.giahan.platform.usage_reported.v1"

    users_used: int
    storage_used_bytes: int
    measured_at: AwareDatetime


class ResourcesGranted(Event):
    """The platform's answer to `ResourcesRequested`: what it allows under that revision of the grant, or that
    it withdrew the grant (`withdrawn`). The figures of use are null where the platform doesn't measure them;
    `measured_at` null: measured with the answer.
    """

    TYPE: ClassVar[str] = "vn.giahan.platform.resources_granted.v1"

    grant_id: UUID
    revision: Annotated[int, Field(ge=1)]
    package: Annotated[PlatformText, Field(max_length=100)]
    users: Annotated[int, Field(ge=0, lt=2**31)]
    storage_gb: Annotated[int, Field(ge=0, lt=2**31)] | None
    withdrawn: bool = False
    users_used: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    storage_used_bytes: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    measured_at: AwareDatetime | None = None
