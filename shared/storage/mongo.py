"""MongoDB. Only this file imports the driver, so that a change of driver is a change to one file.

The project's owner chose motor, and its makers have deprecated it; see docs/adr/0006.
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
from pymongo import ASCENDING, IndexModel, InsertOne, ReturnDocument, UpdateMany, UpdateOne
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
    "LOWEST",
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
    "UpdateMany",
    "UpdateOne",
    "connect",
    "denied_resource",
    "is_only_duplicates",
    "is_other_index",
    "is_transient",
    "limit",
    "missing_security",
    "plain",
    "refusals",
    "size",
    "user_of",
]  # fmt: skip

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]
Bucket = AsyncIOMotorGridFSBucket

DUPLICATE = 11000
"""The error code of a write that violates a unique index."""
# Earlier than any stored instant: a query that compares with it can use a sparse index.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOWEST = bson.MinKey()
"""Every value of a field is at least this, also a missing one."""

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
"""UserNotFound, Unauthorized, AuthenticationFailed, RoleNotFound, and Atlas's code for all of them."""
_REFUSING = re.compile(r" index: (\S+) dup key")
_COMMAND = re.compile(r"not authorized on ([\w-]+) to execute command \{ (\w+): \"?([\w.-]*)")
# Errors that the driver identifies only by their code. They pass, or an operator corrects them; no message
# causes them.
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
    """Whether an index was not created because another index has its name."""
    return isinstance(error, OperationFailure) and error.code in _OTHER_INDEX


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed later. A denial counts as transient: an operator can grant the
    right."""
    if isinstance(error, BulkWriteError):
        return _bulk_is_transient(error.details or {})
    by_code = isinstance(error, OperationFailure) and error.code in _TRANSIENT_CODES | _DENIED
    return by_code or isinstance(error, _TRANSIENT)


def denied_resource(error: BaseException) -> str | None:
    """The resource on which the user lacks a right, as `database NAME: COMMAND COLLECTION`; None if the error
    is no denial. Only those names are taken from the server's message, whose rest quotes the command."""
    if not isinstance(error, OperationFailure) or error.code not in _DENIED:
        return None
    if found := _COMMAND.match(str((error.details or {}).get("errmsg", ""))):
        return f"database {found[1]}: {found[2]} {found[3]}".rstrip()
    return "a database" if error.code == 13 else "sign-in to MongoDB"


def user_of(uri: str) -> str:
    """The user as whom a URI signs in; empty if it has none."""
    return unquote(urlsplit(uri).username or "")


def missing_security(uri: str) -> str | None:
    """The part that a URI lacks for a connection on which both sides authenticate; None if it lacks nothing.
    Needs no name server and opens no file."""
    scheme, _, rest = uri.partition("://")
    by_name = scheme == "mongodb+srv"  # has TLS unless the URI switches it off
    try:
        parsed = parse_uri(f"mongodb://{rest}" if by_name else uri, validate=False)
    except (ConfigurationError, InvalidName, ValueError):
        return "mongodb://"
    options = {name.lower(): str(value).lower() for name, value in parsed["options"].items()}
    external = options.get("authmechanism", "").startswith(
        "mongodb-"
    )  # a certificate or the cloud's identity
    if not external and not (parsed["username"] and parsed["password"]):
        return "USER:PASSWORD@"
    if options.get("tls", "true" if by_name else "") != "true":
        return "tls=true"
    return next((f"{name}=false" for name in _UNCHECKED if options.get(name.lower()) == "true"), None)


_UNCHECKED = ("tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames")


def _bulk_is_transient(details: Mapping[str, Any]) -> bool:
    """Whether all errors of a bulk write are transient. Violations of a unique index do not count."""
    codes = {write["code"] for write in details.get("writeErrors", ())} - {DUPLICATE}
    return bool(codes or details.get("writeConcernErrors")) and codes <= _TRANSIENT_CODES


def is_only_duplicates(error: BulkWriteError) -> bool:
    """Whether unique indexes refused some of the writes, and the others were certainly made."""
    details = error.details or {}
    codes = {write["code"] for write in details.get("writeErrors", ())}
    return codes == {DUPLICATE} and not details.get("writeConcernErrors")


def refusals(error: BulkWriteError) -> list[tuple[int, str]]:
    """The places of the writes that a unique index refused, each with the index's name. Nothing else is taken
    from the server's message, which also quotes the values."""
    refused = [write for write in (error.details or {}).get("writeErrors", ()) if write["code"] == DUPLICATE]
    names = [_REFUSING.search(str(write.get("errmsg", ""))) for write in refused]
    return [(write["index"], name[1] if name else "") for write, name in zip(refused, names, strict=True)]


def limit(seconds: float) -> AbstractContextManager[None]:
    """Within the block, the driver gives up each call after `seconds` and frees its thread. The error is
    transient (`is_transient`)."""
    return pymongo.timeout(seconds)


def connect(uri: str) -> Client:
    """A client whose writes are journalled by a majority, and whose datetimes have a time zone."""
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
    """A value as MongoDB stores it: civil dates, ids and enums as text, instants as dates, models as
    documents, including fields that a newer release added. Checks the exact type first, for speed: every save
    calls this."""
    if (kind := type(value)) in _AS_THEY_ARE:
        return value
    if kind is tuple or kind is list:
        return [plain(item) for item in value]
    if kind is dict:
        return {key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()}
    if kind is UUID:
        return str(value)
    return value.isoformat() if kind is date else _plain_other(value)


_AS_THEY_ARE = frozenset({str, int, float, bool, bytes, datetime, type(None)})


def _plain_other(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case BaseModel():
            known = {name: plain(getattr(value, name)) for name in value.__pydantic_fields__}
            return known | {name: plain(more) for name, more in (value.__pydantic_extra__ or {}).items()}
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
    """The document's size in the database, in bytes."""
    return len(bson.encode(document))
