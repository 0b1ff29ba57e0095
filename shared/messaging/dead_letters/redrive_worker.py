"""The redrive worker of a service: handles each requested dead letter once more.

It works outside the partition queues, so that no record waits for it and no other service reads the dead
letter again. One process at a time does it, in the order of the source topic; a redrive that must wait also
delays the later ones of its subscription. A redrive can do no more than a redelivery can do at any time:
handlers recognise what they have handled (`once`), or that they have seen something newer (`latest`). It
leaves the offsets as they are.

If it dies before the result is stored, the message is handled again, and the result then names documents that
had already handled it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from shared.background.leader_loop import CheckLeadership
from shared.messaging.consumption.handling_result import Effect, record_effects
from shared.messaging.consumption.record_handler import reason_of
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrive, Redrives, RedriveStatus
from shared.messaging.envelope import Envelope
from shared.messaging.routes import Routes
from shared.resilience import denials
from shared.resilience.errors import Interrupted, NotYet
from shared.resilience.retry import is_transient
from shared.time.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RedriveWorker:
    """`clock` is real time."""

    redrives: Redrives
    routes: Routes
    clock: Clock

    async def sweep(self, check_leadership: CheckLeadership) -> bool:
        """Tries all pending redrives, as long as this process leads. One that waits holds back the others of
        its subscription. Returns whether one waits."""
        held_back: set[str] = set()
        async for redrive, letter in self.redrives.pending():
            if redrive.subject in held_back:
                continue
            await check_leadership()
            if waits_for := await self._try(redrive, letter):
                held_back.add(redrive.subject)
                await self.redrives.wait(redrive, waits_for)
        return bool(held_back)

    async def _try(self, redrive: Redrive, letter: DeadLetter) -> str | None:
        """What the redrive waits for, or None if it has its result."""
        try:
            envelope = Envelope.parse(letter.headers, letter.value)
            self.routes.check_origin(envelope, letter.topic)
            effects = await self._handle(envelope)
        except NotYet as why:
            return why.waits_for
        except Interrupted as stopped:
            return f"a worker that finishes ({type(stopped).__name__})"
        except Exception as error:  # an error of a handler is a result
            if is_transient(error):
                denials.note(error)
                return type(error).__name__
            await self._finish(redrive, RedriveStatus.FAILED, {}, reason_of(error))
        else:
            applied = Effect.CHANGED in effects.values()
            await self._finish(redrive, RedriveStatus.APPLIED if applied else RedriveStatus.SKIPPED, effects)
        return None

    async def _handle(self, envelope: Envelope) -> Mapping[str, Effect]:
        with record_effects(envelope.id) as result:
            await self.routes.handle(envelope)
        return result.effects

    async def _finish(
        self, redrive: Redrive, status: RedriveStatus, effects: Mapping[str, Effect], error: str | None = None
    ) -> None:
        await self.redrives.finish(redrive, status, self.clock.now(), effects, error)
        log.info("redrive.finished", redrive=redrive.id, type=redrive.type, status=status, fault=error)
