"""Checks of the effects after a run, read from outside the services."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from pymongo import MongoClient
from pymongo.database import Database

from deploy import SERVICES
from services.notifier.domain.reason import INSISTENT
from services.subscription.spreadsheet.row import Row
from shared.runtime.settings import Settings
from tests.faults.history import Lines
from tests.faults.invariants.money import MONEY_INVARIANTS
from tests.faults.line import Line
from tests.faults.money_lines import MONEY, Told, known_money, stored_money, told_money
from tests.faults.orphan_uploads import count_orphans

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effects:
    client: MongoClient[Document]
    settings: Settings

    def of(self, service: str) -> Database[Document]:
        return self.client[self.settings.database(service)]

    def unknowns(self, notice: str) -> int:
        found = self.of("notifier")["notices"].find_one({"_id": notice}) or {}
        return int(found.get("unknowns", 0))

    def notices(self, row: Row) -> list[Document]:
        return list(self.of("notifier")["notices"].find({"subscription_id": str(row.subscription_id)}))

    def waiting(self) -> list[str]:
        """Unfinished work as texts: parked messages, requested redrives, old orphan uploads."""
        parked = {f"{name}.parked": self.of(name)["parked"].count_documents({}) for name in SERVICES}
        asked = {
            f"{name}.redrives": self.of(name)["redrives"].count_documents({"status": "asked"})
            for name in SERVICES
        }
        left = {"documents left by a crash": count_orphans(self.client, self.settings)}
        counts = {**parked, **asked, **left}
        return [*self.recording(), *(f"{where}: {count} waiting" for where, count in counts.items() if count)]

    def recording(self) -> list[str]:
        """Statements and lines of the bank that the renewal service has still to do with, as texts."""
        unfinished = {
            "statement_files": {"phase": {"$in": ["uploaded", "read"]}},
            "bank_lines": {"status": {"$in": ["new", "recording"]}},
        }
        renewal = self.of("renewal")
        counts = {name: renewal[name].count_documents(query) for name, query in unfinished.items()}
        return [f"renewal.{what}: {count} being recorded" for what, count in counts.items() if count]

    def money(self, told: Iterable[Told], today: date) -> Iterator[str]:
        """Violations of the invariants of money. `told`: the events of all services."""
        lines: list[Line] = list(told_money(told))
        for collection in MONEY:
            for document in self.of("renewal")[collection].find():
                lines += stored_money(collection, document)
        for document in self.of("subscription")["subscriptions"].find():
            lines += known_money(document, today)
        for name, broken in MONEY_INVARIANTS.items():
            yield from (f"{name}: {what}" for what in broken(cast("Lines", tuple(lines))))

    def held_back(self) -> bool:
        """Whether the subscription service has a parked message and a redrive that waits."""
        database = self.of("subscription")
        waits = {"status": "asked", "waits_for": {"$type": "string"}}
        return bool(database["parked"].find_one() and database["redrives"].find_one(waits))

    def forget_held(self) -> None:
        """Forget which held changes were reported, so that the next start reports them again."""
        self.of("subscription")["told"].delete_many({})

    def contracts(self, renewed: int) -> Iterator[str]:
        """Violations of the contract numbers and seals. `renewed`: how many offices have renewed."""
        numbers = list(self.of("renewal")["numbers"].find())
        yield from gaps(numbers)
        seals = Counter(contract["status"] for contract in self.of("signing")["contracts"].find())
        if len(numbers) != renewed or seals != {"sealed": renewed}:
            yield f"{renewed} renewals, {len(numbers)} numbers, seals {dict(seals)}"


def gaps(numbers: Iterable[Document]) -> Iterator[str]:
    """Gaps in contract numbers `{_id: {year, n}, renewal}`, and renewals with several numbers."""
    years: defaultdict[int, list[int]] = defaultdict(list)
    renewals: Counter[str] = Counter()
    for number in numbers:
        years[number["_id"]["year"]].append(number["_id"]["n"])
        renewals[number["renewal"]] += 1
    for year, given in years.items():
        if sorted(given) != list(range(1, len(given) + 1)):
            yield f"contract numbers of {year} have a gap: {sorted(given)}"
    yield from (f"renewal {id} has {count} numbers" for id, count in renewals.items() if count > 1)


def mail_faults(notices: Iterable[Document], copies: Mapping[str, int], once: Iterable[str]) -> Iterator[str]:
    """Violations of the letters and notices.

    `copies`: letters that the mail server received, by Message-ID. Each attempt without an answer may have
    produced one more copy. Every notice must end, and each reason in `once` must have exactly one notice.
    """
    told: Counter[str] = Counter()
    for notice in notices:
        reason, status, unknowns = notice["matter"]["reason"], notice["status"], notice["unknowns"]
        count, told[reason] = copies.get(notice["message_id"], 0), told[reason] + 1
        least, most = (1, 1 + unknowns) if status == "delivered" else (0, unknowns)
        if not least <= count <= most:
            yield f"notice {reason} is {status} with {unknowns} unknown attempts: {count} letters"
        if status not in ("delivered", "overtaken") and not (status == "parked" and reason not in INSISTENT):
            yield f"notice {reason} has not come to an end: {status}"
    yield from (f"notice {reason}: {told[reason]} times" for reason in once if told[reason] != 1)


def dead_faults(found: Mapping[str, set[str]], poison: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Unexpected and missing dead letters. `found`: positions of dead letters by service; `poison`: by
    position, the services that must have one."""
    for service, positions in found.items():
        due = {position for position, readers in poison.items() if service in readers}
        yield from (f"{service}: {position} is dead and was no poison" for position in positions - due)
        yield from (f"{service}: {position} is no dead letter" for position in due - positions)
