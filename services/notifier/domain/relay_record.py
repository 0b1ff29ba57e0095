"""The relay's record: what its recent results show about the relay itself.

The relay is at fault if it says so, or if several unrelated domains refuse with the same class and more
domains refuse than accept. It is healthy again once as many domains accept as had refused, three at most. If
it has just served many domains, more refusals are needed: among fifty offices three may well have a dead
mailbox. One or two domains show nothing about the relay: their refusals are their own.
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
    """The class in which refusals are counted together: class and subject of the enhanced code (`5.7` of
    `5.7.1`), or else the class of the reply code (`5` of `550`). A misconfigured relay may give a different
    detail for each domain."""
    head, dot, detail = kind.rpartition(".")
    return head if dot else detail[:1] if detail.isdigit() else detail


@dataclass(frozen=True, slots=True)
class RelayRecord:
    """`refused` are the refusing domains by kind of refusal, `served` those that took a letter meanwhile.

    `complaint` is what the relay says is wrong on our side. `healthy_at` is when it was last seen to be
    healthy, `served_before` how many domains it had served by then, at most 30.
    """

    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    complaint: str | None = None
    healthy_at: datetime | None = None
    served_before: int = 0

    @property
    def cause(self) -> str | None:
        """Why all mail waits; None if the relay works."""
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
        """The relay took a letter: an earlier complaint about us no longer holds."""
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
        """Whether the relay was seen to be healthy after the instant `at`."""
        return at is not None and self.healthy_at is not None and at < self.healthy_at

    def _by_class(self) -> dict[str, frozenset[str]]:
        """The domains that refused, by refusal class."""
        found: dict[str, frozenset[str]] = {}
        for kind, domains in self.refused.items():
            found[refusal_class(kind)] = found.get(refusal_class(kind), frozenset()) | domains
        return found

    def _is_significant(self, domains: frozenset[str]) -> bool:
        return len(domains) >= SEVERAL + self.served_before // 10 and len(domains) > len(self.served)
