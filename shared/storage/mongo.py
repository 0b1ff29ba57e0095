"""MongoDB. The one file that imports the driver, so that changing it stays a change to one file.

motor is named by the project's owner and deprecated by its makers; see docs/adr/0006.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import bson
import pymongo
from gridfs.errors import CorruptGridFile, NoFile
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
    AsyncIOMotorGridFSBucket,
)
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidName,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.uri_parser import parse_uri

__all__ = [
    "ASCENDING",
    "DUPLICATE",
    "EPOCH",
    "Bucket",
    "BulkWriteError",
    "Client",
    "Collection",
    "CorruptGridFile",
    "Database",
    "Document",
    "DuplicateKeyError",
    "IndexModel",
    "InsertOne",
    "NoFile",
    "PyMongoError",
    "ReturnDocument",
    "UpdateOne",
    "connect",
    "denied_resource",
    "is_other_index",
    "is_transient",
    "limit",
    "missing_security",
    "plain",
    "size",
    "user_of",
]  # fmt: skip

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]
Bucket = AsyncIOMotorGridFSBucket

DUPLICATE = 11000
"""The code of a write that met a unique key."""
# Before any instant we store: compared with, it makes a query use a sparse index.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_OTHER_INDEX = (85, 86)
"""IndexOptionsConflict, IndexKeySpecsConflict."""
_TRANSIENT = (
    AutoReconnect,
    CursorNotFound,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
_DENIED = frozenset({11, 13, 18, 31, 8000})
"""UserNotFound, Unauthorized, AuthenticationFailed, RoleNotFound, and what Atlas says in their place."""
_COMMAND = re.compile(r"not authorized on ([\w-]+) to execute command \{ (\w+): \"?([\w.-]*)")
# Faults that the driver tells by their code alone. A person or time mends them, and no message is at fault.
_TRANSIENT_CODES = frozenset({
    6,      # host unreachable
    7,      # host not found
    89,     # network timeout between servers
    91,     # shuts down
    112,    # write conflict
    134,    # majority reads not possible yet
    175,    # the query's plan was killed, as when an index is built
    189,    # the primary stepped down
    202,    # a server asked another for too long
    237,    # the cursor was killed, as by a step-down
    262,    # time limit exceeded
    365,    # temporarily unavailable: the cache is full
    9001,   # connection lost
    10107,  # no longer the primary
    11600,  # interrupted by a shutdown
    11601,  # interrupted
    11602,  # interrupted by a step-down
    14031,  # disk full
})  # fmt: skip


def is_other_index(error: BaseException) -> bool:
    """Whether an index wasn't made because there is another one by its name."""
    return isinstance(error, OperationFailure) and error.code in _OTHER_INDEX


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later, the faults told by code among them."""
    if isinstance(error, BulkWriteError):
        return _bulk_is_transient(error.details or {})
    by_code = isinstance(error, OperationFailure) and error.code in _TRANSIENT_CODES | _DENIED
    return by_code or isinstance(error, _TRANSIENT)


def denied_resource(error: BaseException) -> str | None:
    """What the user lacks a right on, where that is the fault: `database NAME: COMMAND COLLECTION`. Of the
    server's message only those names are taken: the rest quotes what the command was about."""
    if not isinstance(error, OperationFailure) or error.code not in _DENIED:
        return None
    if told := _COMMAND.match(str((error.details or {}).get("errmsg", ""))):
        return f"database {told[1]}: {told[2]} {told[3]}".rstrip()
    return "a database" if error.code == 13 else "sign-in to MongoDB"


def user_of(uri: str) -> str:
    """Who a URI signs in as; empty where nobody."""
    return unquote(urlsplit(uri).username or "")


def missing_security(uri: str) -> str | None:
    """What must stand in a URI for a connection in which both sides prove who they are, and doesn't; None
    where nothing. Asks no name server and opens no file."""
    scheme, _, rest = uri.partition("://")
    by_name = scheme == "mongodb+srv"  # such a server has TLS unless the URI says no
    try:
        told = parse_uri(f"mongodb://{rest}" if by_name else uri, validate=False)
    except (ConfigurationError, InvalidName, ValueError):
        return "mongodb://"
    options = {name.lower(): str(value).lower() for name, value in told["options"].items()}
    outside = options.get("authmechanism", "").startswith("mongodb-")  # a certificate, or the cloud's word
    if not outside and not (told["username"] and told["password"]):
        return "USER:PASSWORD@"
    if options.get("tls", "true" if by_name else "") != "true":
        return "tls=true"
    return next((f"{name}=false" for name in _UNCHECKED if options.get(name.lower()) == "true"), None)


_UNCHECKED = ("tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames")


def _bulk_is_transient(told: Mapping[str, Any]) -> bool:
    """Of several writes at once. Those that met a unique key are no reason against it."""
    codes = {write["code"] for write in told.get("writeErrors", ())} - {DUPLICATE}
    return bool(codes or told.get("writeConcernErrors")) and codes <= _TRANSIENT_CODES


def limit(seconds: float) -> AbstractContextManager[None]:
    """The driver gives up what is asked of it within the block after `seconds`, and its thread is free again.
    Raises what `is_transient`."""
    return pymongo.timeout(seconds)


def connect(uri: str) -> Client:
    """A client whose writes are journalled by a majority and whose reads are aware of time zones."""
    return AsyncIOMotorClient(
        uri,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        serverSelectionTimeoutMS=5000,
        uuidRepresentation="standard",
    )


def plain(value: Any) -> Any:
    """A value as MongoDB keeps it: civil dates, ids and enums as text, instants as dates, models as
    documents with what a newer release put into them. Asks for the exact type first: every save goes
    through here."""
    if (kind := type(value)) in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        return {str(plain(key)): plain(item) for key, item in value.items()}
    return _plain_other(value)


_AS_THEY_ARE = frozenset({str, int, float, bool, bytes, datetime, type(None)})


def _plain_other(value: Any) -> Any:
    match value:
        case BaseModel():
            known = {name: plain(getattr(value, name)) for name in type(value).model_fields}
            return known | {name: plain(more) for name, more in (value.__pydantic_extra__ or {}).items()}
        case Enum():
            return value.value
        case datetime():
            return value
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            return value


def size(document: Mapping[str, Any]) -> int:
    """Bytes of the document as it would be stored."""
    return len(bson.encode(document))
