"""Decides a row: a new licence is adopted, a known one is corrected, an equal one is left unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from services.subscription.domain.changes.adoption import adopt
from services.subscription.domain.changes.correction import restate
from services.subscription.domain.stages.policy import Policies
from services.subscription.domain.stages.products import Products
from services.subscription.domain.subscription import Subscription
from services.subscription.imports.rows import Remark, RowVerdict
from services.subscription.spreadsheet.row import Row, day_doubts
from services.subscription.store import Change
from shared.storage.aggregate import Stored
from shared.time.calendar import civil_date
from shared.time.clock import Clock

log = structlog.get_logger()

_ADOPTED = RowVerdict(outcome="adopted")


class RowDecision(NamedTuple):
    verdict: RowVerdict
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class RowDecider:
    policies: Policies
    products: Products
    clock: Clock

    def expected(self, row: Row, stored: Stored[Subscription] | None) -> RowVerdict:
        """The verdict that `decide` would reach now."""
        return _ADOPTED if stored is None else self.decide(row, stored).verdict

    def doubts(self, row: Row) -> tuple[Remark, ...]:
        """What looks doubtful in its last day of use today, and is accepted."""
        today = civil_date(self.clock.now(), row.zone)
        return tuple(Remark.of_doubt(doubt) for doubt in day_doubts(row, today, self.products))

    def decide(self, row: Row, stored: Stored[Subscription] | None, *, many: bool = False) -> RowDecision:
        """Decide the row. With `many`, a held date waits for a named person's release.

        A row that can't be decided is refused, so that it doesn't delay the others.
        """
        try:
            return self._decide(row, stored, many)
        except Exception as error:
            log.error("import.not_decided", subscription=str(row.subscription_id), error=type(error).__name__)
            return refuse("", "not_decided")

    def _decide(self, row: Row, stored: Stored[Subscription] | None, many: bool) -> RowDecision:
        now, policies = self.clock.now(), self.policies
        policy = self.products.policy_for(row.product_code, civil_date(now, row.zone))
        licence, id = row.licence(policy), row.subscription_id
        if stored is None:
            new = adopt(*row.key, licence, now, policies, next_policy=row.policy)
            return RowDecision(_ADOPTED, (None, id, new))
        decision = restate(stored.state, licence, now, policies, next_policy=row.policy, many=many)
        verdict = _verdict(stored.state, decision.state)
        return RowDecision(verdict, None if verdict.outcome == "unchanged" else (stored, id, decision))


def refuse(field: str, rule: str, figures: Mapping[str, str] = {}) -> RowDecision:
    """The verdict for a row that was valid when it was read, but can't be applied."""
    return RowDecision(RowVerdict(outcome="refused", refusal=Remark(field=field, rule=rule, figures=figures)))


def _verdict(before: Subscription, after: Subscription) -> RowVerdict:
    if after == before:
        return RowVerdict(outcome="unchanged")
    if after.hold and after.trust != before.trust:
        return RowVerdict(outcome="held", hold=after.hold)
    return RowVerdict(outcome="corrected")
