"""Errors that decide what happens to a message or a request: it is retried, parked or dead-lettered."""


class Transient(Exception):
    """The same call may succeed later: a lost connection, a busy server, a lost race."""


class OutOfTime(Transient):
    """The work was not done within its time limit. It may have been saved or not. A repeat of the request
    with the same idempotency key shows which, and does nothing twice."""


class Conflict(Transient):
    """Somebody else saved the aggregate between the load and the save: load and decide again."""


class VersionMismatch(Exception):
    """The aggregate is no longer the version that the person saw, so what the person decided is not saved."""


class NotYet(Exception):
    """The message needs data of an earlier message, and is parked until that has come.

    `waits_for` says what is missing, for the people who read the list of parked messages.
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__(f"waits for {waits_for}")
        self.waits_for = waits_for


class Unproven(Exception):
    """The message contradicts what this service itself knows, so it has no effect.

    The record goes to the dead letters with the text of this error, which must not quote the message.
    """


class Interrupted(Exception):
    """Work in a worker process was stopped before it was done: out of time, or out of memory.

    The message need not be the cause, and an immediate retry would not help: it is parked and tried later.
    """


class MissingDocument(LookupError):
    """No document with that hash is stored."""


class KeyReused(Exception):
    """An idempotency key was used again with another content."""


class AlreadyExists(Exception):
    """A unique index refused the save: the thing to create exists already."""
