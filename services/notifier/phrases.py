"""How a subscription's situation is put into words, for banners, lock screens and mail alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.notifier.domain.situation import Kind, Situation
from services.notifier.domain.standing import Step
from services.notifier.words import Words


class Act(StrEnum):
    """What the office can do now."""

    REGISTER = "register"
    SIGN = "sign"
    SEND_PAPER = "send_paper"


def act_in(situation: Situation) -> Act | None:
    """None: it is the vendor's turn. Once something is registered, it is never to register again."""
    if situation.registration is None:
        return Act.REGISTER
    step = situation.registration.step
    return None if step is Step.VENDOR else Act(step.value)


@dataclass(frozen=True, slots=True)
class Phrases:
    """`situation` in one language, for the product `product_code` of an office in `zone`."""

    words: Words
    product_code: str
    situation: Situation
    zone: str

    @property
    def title(self) -> str:
        return self.words.say(f"title.{self.situation.kind}", self._values)

    @property
    def sentences(self) -> tuple[str, str]:
        """What holds, and what comes next."""
        return self.words.say(f"fact.{self.situation.kind}", self._values), self._what_next

    @property
    def _what_next(self) -> str:
        registration = self.situation.registration
        if registration is None or registration.registered_at is None:
            return self.words.say(f"ask.{self.situation.kind}", self._values)
        return self.words.say(
            "registration.received",
            {
                "no": registration.registration_no,
                "at": self.words.moment(registration.registered_at, self.zone),
                "next": self.words.say(f"next.{registration.step}"),
            },
        )

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The dates and numbers once more, as label and value."""
        words, situation = self.words, self.situation
        rows = [
            (words.say("row.product"), words.product(self.product_code)),
            (words.say("row.last_day"), words.day(situation.last_day)),
        ]
        if situation.temporary_until:
            rows.append((words.say("row.temporary_until"), words.day(situation.temporary_until)))
        if situation.days_left > 0:
            rows.append((words.say("row.days_left"), words.say("row.days_left_value", self._values)))
        if situation.ends_on:
            ends = "row.deletion" if situation.kind is Kind.TERMINATED else "row.ends_on"
            rows.append((words.say(ends), words.day(situation.ends_on)))
        if situation.registration:
            rows.append((words.say("row.registration"), situation.registration.registration_no))
        return rows

    @property
    def _values(self) -> Mapping[str, object]:
        told = self.situation.model_dump(
            include={"last_day", "temporary_until", "days_left", "ends_on", "ends_in"}
        )
        return {**told, "product": self.words.product(self.product_code)}
