"""Events of the renewal service about the person whom the vendor's desk named to renew for an office."""

from typing import ClassVar

from shared.events.base import DocumentRef, Event


class RenewerNamed(Event):
    """The vendor's desk named another person of the office to renew all its products. `user_ref` is the
    person's id at the platform, `evidence` the document behind it. `product_code` is one of the products,
    always the same."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_named.v1"

    user_ref: str
    evidence: DocumentRef


class RenewerWithdrawn(Event):
    """The person whom the desk named before no longer renews for the office."""

    TYPE: ClassVar[str] = "vn.giahan.renewal.renewer_withdrawn.v1"

    user_ref: str
