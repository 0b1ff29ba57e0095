"""Errors that decide what happens next to a message or a request: retry, park or dead-letter."""


class Transient(Exception):
    """May succeed when tried again unchanged: a lost connection, a busy server, a lost race."""


class OutOfTime(Transient):
    """The work was not done within its time limit. It may have been saved or not: repeat the request with
    the same idempotency key to find out; nothing is done twice."""


class Conflict(Transient):
    """Somebody else saved the aggregate between our load and our save: load and decide again."""


class NotYet(Exception):
    """The message needs data of an earlier message, and is parked until that has come.

    `waits_for` names what is missing, for the people who read the list of parked messages.
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__(f"waits for {waits_for}")
        self.waits_for = waits_for


class Unproven(Exception):
    """The message contradicts what this service itself knows, so it has no effect.

    The record goes to the dead letters with this text, which is ours and quotes nothing of the message.
    """


class Interrupted(Exception):
    """Work in a process of its own was stopped before it was done: out of time, or out of memory.

    The message is not the cause, but an immediate retry would not help: it is parked and tried again later.
    """


class MissingDocument(LookupError):
    """No document with that hash is stored."""


class KeyReused(Exception):
    """An idempotency key came again with another content."""


class AlreadyExists(Exception):
    """A unique index refused the save: what it would have created is there already."""
