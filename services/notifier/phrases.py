"""The phrases for a subscription's situation. Banners, lock screens and mail use the same."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from services.notifier.domain.situation import SituationNotice
from services.notifier.words import Words
from shared.progress.point import ProgressPoint
from shared.situation import SituationKind, Turn

IN_USE = (SituationKind.EXPIRING, SituationKind.LAST_DAY, SituationKind.TEMPORARY)


def office_turn(notice: SituationNotice) -> Turn | None:
    """What the office can do now; None while it is the vendor's turn."""
    turn = notice.situation.turn
    return None if turn is Turn.VENDOR else turn


def step_text(words: Words, step: ProgressPoint) -> str:
    """Who does what next, and by which day: the end of a sentence."""
    when = "none" if step.until is None else f"late_{step.waits_for}" if step.late else "until"
    return words.say(f"step_when.{when}", {"step": words.say(f"step.{step.detail}"), "until": step.until})


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of `notice` in one language, for one product of an office in the time zone `zone`."""

    words: Words
    product_code: str
    notice: SituationNotice
    zone: str

    @property
    def title(self) -> str:
        """The title. While a registration is open and sent, it does not say when the service ends."""
        situation = self.notice.situation
        if situation.kind is SituationKind.FINAL_NOTICE and self._values["registered"]:
            return self.words.say("title.final_notice_registered")
        return self.words.say(f"title.{situation.kind}", self._values)

    @property
    def sentences(self) -> tuple[str, str]:
        """The present situation, and what comes next."""
        return self.words.say(f"fact.{self.notice.situation.kind}", self._values), self._what_next

    @property
    def _what_next(self) -> str:
        registration, situation, step = self.notice.registration, self.notice.situation, self.notice.step
        if registration is None or registration.registered_at is None or step is None:
            return self.words.say(f"ask.{situation.kind}", self._values)
        values = {
            "no": registration.registration_no,
            "at": self.words.moment(registration.registered_at, self.zone),
            "next": step_text(self.words, step),
        }
        if situation.turn is Turn.PAY:
            return self.words.say("registration.unpaid", values)
        if not self.notice.lacks_form:
            return self.words.say("registration.received", values)
        state = self.words.say(f"registration.not_sent_{situation.turn}", values)
        if situation.kind is SituationKind.LAST_DAY:
            return f"{state} {self.words.say(f'registration.today_{situation.turn}')}"
        following = self.words.say("body.registered_next", values)
        if situation.ends_on and situation.kind is not SituationKind.TERMINATED:
            following = f"{following} {self.words.say('registration.unsigned', self._values)}"
        return f"{state} {following}"

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The dates and numbers, as label and value."""
        words, situation = self.words, self.notice.situation
        rows = [
            (words.say("row.product"), words.product(self.product_code)),
            (words.say("row.last_day"), words.day(situation.last_day)),
        ]
        if situation.kind in IN_USE and situation.usable_until > situation.last_day:
            rows.append((words.say("row.temporary_until"), words.day(situation.usable_until)))
        if situation.days_left > 0:
            rows.append((words.say("row.days_left"), words.say("row.days_left_value", self._values)))
        if situation.ends_on:
            ends = "row.deletion" if situation.kind is SituationKind.TERMINATED else "row.ends_on"
            rows.append((words.say(ends), words.day(situation.ends_on)))
        if self.notice.registration:
            rows.append((words.say("row.registration"), self.notice.registration.registration_no))
        return rows

    @property
    def _values(self) -> Mapping[str, object]:
        situation = self.notice.situation
        return {
            **asdict(situation),
            "registered": situation.registered and situation.turn is not Turn.SIGN,
            "product": self.words.product(self.product_code),
        }
