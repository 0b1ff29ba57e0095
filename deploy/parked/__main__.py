"""Lists and decides on a service's parked messages: `python -m deploy.parked SERVICE list|show|retry|drop`,
with the service's own GIAHAN_MONGO and GIAHAN_NAMESPACE.

A parked message arrived before something that it needs, or claims something that nothing proves. The service
tries it every few seconds; if what it needs never comes, it stays for ever. `retry` prints the result of the
next try, and brings back a message that was dropped. `drop` removes it. Both take an id, or filters and the
number of messages that a --dry-run printed for them. The service's database keeps who decided and why, and
every dropped message (collection `parked_decisions`).

Exit status: 0 on success; 1 if a message still waits or does not exist; 2 if the database cannot be reached.
docs/how-to/parked.md says when to do what.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from deploy import SERVICES
from deploy.deadletters.topic import since
from deploy.parked.messages import ParkedDecision, ParkedMessages, ParkedSelection
from deploy.parked.words import decision_line, message_details, message_line, reason
from deploy.texts import line, usage
from shared.messaging.parked import ParkedMessage
from shared.runtime.settings import Settings, read
from shared.storage import mongo
from shared.text.characters import harmless
from shared.time.clock import SystemClock

_LINES = 50
_POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class ParkedCommand:
    """One run of the command. `named` holds the parsed command line."""

    messages: ParkedMessages
    named: argparse.Namespace

    async def run(self) -> int:
        """Run the subcommand and return the exit status."""
        decisions = await self.messages.decisions()
        taken = [message for message in await self.messages.all() if self._selection.takes(message)]
        match self.named.does:
            case "list":
                self._list(taken, decisions)
                return 0
            case "show":
                return await self._show(taken, decisions)
            case _:
                return await self._decide(taken, decisions)

    @property
    def _selection(self) -> ParkedSelection:
        named = self.named
        return ParkedSelection(named.id, named.type, named.subject, named.waits_for, named.before)

    def _list(self, taken: list[ParkedMessage], decisions: dict[UUID, list[ParkedDecision]]) -> None:
        for message in taken[: self.named.lines]:
            print(message_line(message, decisions.get(message.envelope.id, ())))
        print(f"→ {line('parked.total', total=len(taken))}")
        for (kind, why), count in Counter(map(reason, taken)).most_common():
            print(f"  {count:6}  {kind}: {why}")

    async def _show(self, taken: list[ParkedMessage], decisions: dict[UUID, list[ParkedDecision]]) -> int:
        message = taken[0] if taken else await self.messages.dropped(self.named.id)
        if message is None:
            return self._none()
        known = decisions.get(self.named.id, ())
        print(message_details(message, known, parked=bool(taken), whole=self.named.whole))
        return 0

    def _none(self) -> int:
        print(f"✗ {line('parked.none')}")
        return 1

    async def _decide(self, taken: list[ParkedMessage], decisions: dict[UUID, list[ParkedDecision]]) -> int:
        named = self.named
        if not taken and named.id and (dropped := await self.messages.dropped(named.id)):
            if named.does == "drop":
                print(decision_line(decisions[named.id][-1]))
                return 0
            taken = [dropped]
        if not taken:
            return self._none()
        if named.dry_run or (named.expect is not None and named.expect != len(taken)):
            for message in taken:
                print(message_line(message, decisions.get(message.envelope.id, ())))
            print(f"→ {line('parked.rehearsed', total=len(taken))}")
            return 0 if named.dry_run else 1
        return await (self._drop(taken) if named.does == "drop" else self._retry(taken))

    async def _drop(self, taken: list[ParkedMessage]) -> int:
        now, dropped = SystemClock().now(), 0
        for message in taken:
            if await self.messages.drop(message, self.named.by, self.named.reason, now):
                dropped += 1
            else:
                print(f"• {message.envelope.id}: {line('parked.finished_meanwhile')}")
        print(f"✓ {line('parked.dropped', count=dropped)}")
        return 0

    async def _retry(self, taken: list[ParkedMessage]) -> int:
        now, ids = SystemClock().now(), {message.envelope.id for message in taken}
        for message in taken:
            await self.messages.retry(message, self.named.by, self.named.reason, now)
        until = asyncio.get_running_loop().time() + self.named.wait
        unanswered = ids
        while unanswered and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_POLL_SECONDS)
            unanswered = await self.messages.unanswered(unanswered)
        left = [message for message in await self.messages.all() if message.envelope.id in ids]
        for message in left:
            print(message_line(message, ()))
        if unanswered:
            print(f"… {line('parked.untried', count=len(unanswered))}")
        mark, finished = "✗" if left else "✓", len(ids) - len(left)
        print(f"{mark} {line('parked.finished', count=finished)}")
        return 1 if left else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.parked",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=SERVICES)
    parser.set_defaults(id=None)
    does = parser.add_subparsers(dest="does", required=True)
    listing = does.add_parser("list", help="what waits, since when and for what")
    listing.add_argument("--lines", type=int, default=_LINES, help=f"print at most so many ({_LINES})")
    one = does.add_parser("show", help="one message, parked or dropped")
    one.add_argument("id", type=UUID, metavar="ID")
    one.add_argument("--whole", action="store_true", help="the body to its end, however long")
    retry = does.add_parser("retry", help="say what the next try brings; bring back a dropped one")
    retry.add_argument("--wait", type=float, default=30.0, metavar="SECONDS", help="for the result (30)")
    drop = does.add_parser("drop", help="take it away: it will not be handled")
    for decides in (retry, drop):
        decides.add_argument("id", type=UUID, nargs="?", metavar="ID")
        decides.add_argument("--dry-run", action="store_true", help="only print which")
        decides.add_argument(
            "--expect", type=int, metavar="N", help="how many the filters took in the --dry-run"
        )
        decides.add_argument("--by", type=harmless, default="", metavar="PERSON", help="who decides")
        decides.add_argument("--reason", type=harmless, default="", metavar="TEXT", help="why")
    for filtered in (listing, one, retry, drop):
        _filters(filtered, hidden=filtered is one)
    return parser


def _filters(parser: argparse.ArgumentParser, *, hidden: bool) -> None:
    if hidden:
        parser.set_defaults(type="", subject="", waits_for="", before=None)
        return
    parser.add_argument("--type", default="", metavar="PART", help="event types with PART in the name")
    parser.add_argument("--subject", default="", metavar="ID", help="this subscription")
    parser.add_argument("--waits-for", default="", metavar="PART", help="what it waits for has PART in it")
    parser.add_argument(
        "--before", type=since, metavar="WHEN", help="parked before 90m, 12h, 7d ago or an ISO time"
    )


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse and check the command line. Ends the process with status 2 if the options do not fit together."""
    parser = _parser()
    named = parser.parse_args(argv)
    if named.does not in ("retry", "drop"):
        return named
    filters = any((named.type, named.subject, named.waits_for, named.before))
    if bool(named.id) == filters:
        parser.error(usage(named.does, "message"))
    if not named.dry_run and filters and named.expect is None:
        parser.error(usage(named.does, "expect"))
    if not named.dry_run and not (named.by.strip() and named.reason.strip()):
        parser.error(usage(named.does, "person"))
    return named


async def run(named: argparse.Namespace) -> int:
    """Run the command and return the exit status. Raises what the database raises."""
    settings = read(Settings, serves=False)
    client = mongo.connect(settings.mongo.get_secret_value())
    try:
        return await ParkedCommand(ParkedMessages(client[settings.database(named.service)]), named).run()
    finally:
        client.close()


def main() -> int:
    named = arguments()
    try:
        return asyncio.run(run(named))
    except Exception as error:
        if not mongo.is_transient(error):
            raise
        print(f"✗ {line('unreachable.mongo')}")
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
