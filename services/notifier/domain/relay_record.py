"""What the relay's answers of late say of the relay itself.

It is at fault where it says so, or where several unrelated domains are refused with the same class and no
more of them are served. It is sound again when it has served as many domains as tell against it. Of a relay
that has just served many it takes a few more to say so: among fifty offices three may well have a dead
mailbox. One or two domains tell nothing of it: what they refuse is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

SEVERAL = 3
_MANY = 30
_SECOND_LEVELS = frozenset(
    {"ac", "biz", "com", "co", "edu", "gov", "health", "info", "name", "net", "org", "pro"}
)


def registrable_domain(address: str) -> str:
    """The part of the address's domain that one owner registers: `angiang.gov.vn` of `stc.angiang.gov.vn`."""
    labels = address.rpartition("@")[2].lower().rstrip(".").split(".")
    national = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS
    return ".".join(labels[-3:] if national else labels[-2:])


def refusal_class(kind: str) -> str:
    """Which refusals are alike: by class and subject of the enhanced code (`5.7` of `5.7.1`), without one by
    the reply's class (`5` of `550`). A relay set up wrongly may say it to each domain in its own way."""
    head, dot, detail = kind.rpartition(".")
    return head if dot else detail[:1] if detail.isdigit() else detail


@dataclass(frozen=True, slots=True)
class RelayRecord:
    """`refused` are domains by kind of refusal, `served` those that took a letter meanwhile; `complaint` is what
    the relay says is wrong with us. `healthy_at`: when it was last seen to be well, `served_before`: how many domains
    it had served by then, at most 30."""

    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    complaint: str | None = None
    healthy_at: datetime | None = None
    served_before: int = 0

    @property
    def cause(self) -> str | None:
        """Why all mail waits. None: it doesn't."""
        if self.complaint:
            return self.complaint
        significant = {
            name: domains for name, domains in self._by_class().items() if self._is_significant(domains)
        }
        if not significant:
            return None
        largest = max(significant, key=lambda name: len(significant[name]))
        kinds = sorted(kind for kind in self.refused if self.refused[kind] and refusal_class(kind) == largest)
        return f"{', '.join(kinds)} from several unrelated domains at once"

    def record_delivery(self, domain: str, at: datetime) -> Self:
        """A letter was taken. What the relay said of us holds no longer."""
        refused = {kind: domains - {domain} for kind, domains in self.refused.items()}
        served = self.served | {domain}
        updated = replace(self, refused=refused, served=served, complaint=None)
        if len(served) >= min(max(map(len, updated._by_class().values()), default=0), SEVERAL):
            return type(self)(healthy_at=at, served_before=min(self.served_before + len(served), _MANY))
        return updated

    def record_refusal(self, domain: str, kind: str) -> Self:
        domains = self.refused.get(kind, frozenset()) | {domain}
        return replace(self, refused={**self.refused, kind: domains})

    def record_complaint(self, cause: str) -> Self:
        return replace(self, complaint=cause)

    def was_healthy_since(self, at: datetime | None) -> bool:
        """Whether the relay was seen to be well after the instant `at`."""
        return at is not None and self.healthy_at is not None and at < self.healthy_at

    def _by_class(self) -> dict[str, frozenset[str]]:
        """The refused domains."""
        found: dict[str, frozenset[str]] = {}
        for kind, domains in self.refused.items():
            found[refusal_class(kind)] = found.get(refusal_class(kind), frozenset()) | domains
        return found

    def _is_significant(self, domains: frozenset[str]) -> bool:
        return len(domains) >= SEVERAL + self.served_before // 10 and len(domains) > len(self.served)
