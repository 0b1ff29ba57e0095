"""Why a message or a command could not be carried out, and so what happens to it next."""


class Transient(Exception):
    """May succeed when tried again unchanged: a lost connection, a busy server, a lost race."""


class OutOfTime(Transient):
    """The answer was due before it was there. Whether something was saved isn't known: the same request, with
    its key, finds out, and does nothing twice."""


class Conflict(Transient):
    """Somebody else saved the aggregate between our load and our save: load and decide again."""


class NotYet(Exception):
    """The message needs something that an earlier message brings; it is parked until that came.

    `waits_for` names what is missing, for the people who read the list of parked messages.
    """

    def __init__(self, waits_for: str) -> None:
        super().__init__(f"waits for {waits_for}")
        self.waits_for = waits_for


class Unproven(Exception):
    """What a message says doesn't agree with what this service knows itself, so that it gives nothing.

    The record goes to the dead letters with this text, which is ours and quotes nothing of the message.
    """


class Interrupted(Exception):
    """Work in a process of its own was stopped before it was done: out of time, or out of memory.

    Neither the message's fault nor to be tried again at once; a message is parked until it goes.
    """


class MissingDocument(LookupError):
    """No document with that hash is stored."""


class KeyReused(Exception):
    """An idempotency key came again with another content."""


class AlreadyExists(Exception):
    """A unique index refused the save: what it would have created is there already."""
