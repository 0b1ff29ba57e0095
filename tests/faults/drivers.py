"""The driver methods that write outside the process: a crash there falls between two effects.

Reads are not listed: a process that dies in a read leaves nothing behind. `find_one_and_update` is a write.
Handing work to another process (`Workers.run`) and storing a whole document (`MongoDocuments.put`) count as
drivers too, so that a rendering and a signature have their own names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Driver:
    """`owner` is `module:Class`."""

    owner: str
    methods: Sequence[str]


DRIVERS = (
    Driver(
        "motor.motor_asyncio:AsyncIOMotorCollection",
        (
            "insert_one", "insert_many", "update_one", "update_many", "replace_one", "bulk_write",
            "delete_one", "delete_many", "find_one_and_update", "find_one_and_replace",
            "find_one_and_delete", "create_index", "create_indexes", "drop", "drop_index", "rename",
        ),
    ),
    Driver(
        "motor.motor_asyncio:AsyncIOMotorGridFSBucket",
        ("upload_from_stream", "upload_from_stream_with_id", "open_upload_stream", "delete"),
    ),
    Driver(
        "aiokafka:AIOKafkaProducer",
        (
            "start", "begin_transaction", "send", "send_and_wait", "send_batch", "commit_transaction",
            "abort_transaction", "send_offsets_to_transaction",
        ),
    ),
    Driver("aiokafka:AIOKafkaConsumer", ("commit",)),
    Driver(
        "aiokafka.admin:AIOKafkaAdminClient",
        ("create_topics", "delete_topics", "create_partitions", "alter_configs", "delete_records"),
    ),
    Driver(
        "aiosmtplib:SMTP",
        ("connect", "mail", "rcpt", "data", "rset", "quit", "login", "starttls", "sendmail", "send_message"),
    ),
    Driver("httpx:AsyncClient", ("send",)),
    Driver("shared.background.workers:Workers", ("run",)),
    Driver("shared.storage.documents:MongoDocuments", ("put",)),
)  # fmt: skip

METHODS = frozenset(method for driver in DRIVERS for method in driver.methods)

OURS: Mapping[str, frozenset[str]] = {
    "commit": frozenset(),
    "connect": frozenset({"mongo"}),
    "put": frozenset(
        {
            "appointments",
            "contacts",
            "copies",
            "dead",
            "declared",
            "kept",
            "queue",
            "parked",
            "prepared",
            "routes",
            "statuses",
            "terminations",
        }
    ),
    "run": frozenset(
        {
            "archive",
            "asyncio",
            "consumer",
            "leader_loop",
            "loop",
            "requests",
            "relay",
            "self",
            "subprocess",
            "supervisor",
            "work",
        }
    ),
    "send": frozenset({"connection", "embedding"}),
    "quit": frozenset({"connection"}),
    "delete": frozenset({"routes"}),
    "drop": frozenset({"state"}),
    "start": frozenset({"admin", "broker", "found", "kafka"}),
}
"""Receivers whose method of that name belongs to no driver: our own classes, whose bodies are searched as
well, HTTP routes, and connections that only open. Calls on every other receiver count."""
