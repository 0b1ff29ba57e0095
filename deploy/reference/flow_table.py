"""Renders a flow's table as Markdown: a diagram, its statuses, its steps."""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from shared.flow_table import FlowTable, Owner
from shared.text.i18n import Text

OWNERS = {
    Owner.OFFICE: "office",
    Owner.DESK: "desk",
    Owner.RULE: "by itself",
    Owner.SIGNING: "signing service",
    Owner.EINVOICE: "e-invoice system",
    Owner.OPS: "ops",
    Owner.PLATFORM: "platform",
}
S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)


def drawing(
    table: FlowTable[S, T],
    begins: Mapping[S, str],
    *,
    of: Collection[S] | None = None,
    steps: Collection[T] | None = None,
) -> Iterator[str]:
    """A Mermaid diagram. `begins`: the first statuses, and what leads to them. `of`, `steps`: only these."""
    drawn = set(table.transitions if of is None else of)
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield from (f"    [*] --> {status}: {how}" for status, how in begins.items())
    for status, leads in table.transitions.items():
        for step, targets in leads.items():
            if status in drawn and (steps is None or step in steps):
                by = _owners(table, step)
                yield from (f"    {status} --> {to}: {words(step)} ({by})" for to in targets if to in drawn)
    yield from (f"    {status} --> [*]" for status in table.transitions if status in drawn & {*table.settled})
    yield "```"


def statuses(table: FlowTable[S, T], *shown: Mapping[str, Text]) -> Iterator[str]:
    """`shown`: how people read it, and what comes next, if that is known."""
    heads = ["shown as", "next"][: len(shown)]
    yield _row("status", *heads, "waits for", "late after", "counted from", "steps")
    yield "|" + "---|" * (5 + len(shown))
    for status, leads in table.transitions.items():
        limit = table.limits.get(status)
        waits = (OWNERS[limit.owner], limit.length, limit.start) if limit else ("", "", "")
        texts = (" / ".join(texts[status]) for texts in shown)
        yield _row(f"`{status}`", *texts, *waits, ", ".join(map(words, leads)))


def steps(table: FlowTable[S, T]) -> Iterator[str]:
    yield _row("step", "by", "from", "to")
    yield "|---|---|---|---|"
    for step in table.step_owners:
        sources = table.with_step(step)
        to = dict.fromkeys(to for status in sources for to in table.targets(status, step))
        yield _row(words(step), _owners(table, step), _codes(sources), _codes(to))


def words(step: StrEnum) -> str:
    return step.replace("_", " ")


def _owners(table: FlowTable[S, T], step: T) -> str:
    return ", ".join(OWNERS[owner] for owner in table.step_owners[step])


def _codes(found: Collection[StrEnum]) -> str:
    return ", ".join(f"`{status}`" for status in found)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
