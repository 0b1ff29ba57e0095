"""The indexes of the renewals, and the paths that their queries use."""

from services.renewal.domain.flow import OPEN, VALID
from shared.storage.mongo import Document, IndexModel

SUBSCRIPTION = "registration.subscription_id"
REPLACING = "replacement.form.sha256"
BASIS = "registration.term.basis_expires_on"
STANDS_FOR = "stands_for"
JOINED = "registration.joined.renewal_id"
JOINED_NUMBER = "registration.joined.number"
JOINED_SUBSCRIPTION = "registration.joined.subscription_id"
CARRIES_JOINED: Document = {"stands_for.1": {"$type": "string"}}
"""Those that stand for more products than their own."""
ACCEPTED_CARRYING = "accepted_carrying"

INDEXES = (
    IndexModel(
        [(SUBSCRIPTION, 1)],
        name="one_open_a_subscription",
        unique=True,
        partialFilterExpression={"status": {"$in": [status.value for status in OPEN]}},
    ),
    IndexModel(
        [(SUBSCRIPTION, 1), (BASIS, 1)],
        name="one_a_term",
        unique=True,
        partialFilterExpression={"status": {"$in": [status.value for status in VALID]}},
    ),
    IndexModel(
        [(STANDS_FOR, 1)],
        name="one_open_stands_for",
        unique=True,
        partialFilterExpression={
            "status": {"$in": [status.value for status in OPEN]},
            STANDS_FOR: {"$type": "string"},
        },
    ),
    IndexModel([(STANDS_FOR, 1)], name="stands_for"),
    IndexModel([(JOINED, 1)], name="joined", partialFilterExpression={JOINED: {"$exists": True}}),
    IndexModel(
        [(JOINED_NUMBER, 1)],
        name="joined_number",
        partialFilterExpression={JOINED_NUMBER: {"$exists": True}},
    ),
    IndexModel(
        [(JOINED_SUBSCRIPTION, 1)],
        name="joined_subscription",
        partialFilterExpression={JOINED_SUBSCRIPTION: {"$exists": True}},
    ),
    IndexModel([("status", 1), ("_id", 1)], name=ACCEPTED_CARRYING, partialFilterExpression=CARRIES_JOINED),
    IndexModel([(SUBSCRIPTION, 1), ("registration.registered_at", -1)], name="subscription"),
    IndexModel([("handled.id", 1)], name="requests"),
    IndexModel([(REPLACING, 1)], name="replacing", partialFilterExpression={REPLACING: {"$exists": True}}),
    IndexModel([("registration.number", 1)], name="number", unique=True),
    IndexModel(
        [("registration.office_ref", 1), ("registration.registered_at", -1), ("_id", -1)], name="office"
    ),
    IndexModel([("registration.office.tax_code", 1)], name="tax_code"),
    IndexModel([("name_words", 1)], name="name_words"),
    IndexModel([("status", 1), ("since", 1), ("_id", 1)], name="status"),
    IndexModel([("dossier.document.sha256", 1)], name="document"),
    IndexModel(
        [("registration.registered_at", 1)],
        name="declared_paid",
        partialFilterExpression={"registration.payment.kind": "paid"},
    ),
    IndexModel(
        [("commitment.next_on", 1)],
        name="payment_reminders",
        partialFilterExpression={"commitment.next_on": {"$type": "string"}},
    ),
    IndexModel(
        [("commitment.status", 1), ("commitment.paid", 1)],
        name="commitments",
        partialFilterExpression={"commitment.status": {"$exists": True}},
    ),
    IndexModel(
        [("void_proposal.at", 1), ("_id", 1)],
        name="void_proposals",
        partialFilterExpression={"void_proposal.at": {"$type": "date"}},
    ),
    IndexModel(
        [("since", 1), ("_id", 1)],
        name="needs_desk",
        partialFilterExpression={"needs_desk": {"$type": "string"}},
    ),
)
