"""Lists and redrives a service's dead letters: `python -m deploy.deadletters SERVICE
list|show|redrive|withdraw`, with the service's own GIAHAN_KAFKA, GIAHAN_MONGO and GIAHAN_NAMESPACE.

A dead letter is named by the place its record was read from: TOPIC/PARTITION/OFFSET. `list` prints the dead
letters that nobody has dealt with (--all: every one), `show` prints one. `redrive` gives one dead letter, or
those that match the filters, to the service again and waits for the result. `withdraw` ends a redrive that
waits for something that will never come. The service's database keeps who asked, why, and the result
(collection `redrives`).

Exit status: 0 on success; 1 if something failed again, still waits, or does not exist; 2 if Kafka or the
database cannot be reached. docs/how-to/dead-letters.md says when to do what.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from deploy import SERVICES
from deploy.deadletters.redrive_client import RedriveClient
from deploy.deadletters.topic import LetterSelection, letters, place, since
from deploy.deadletters.words import LetterCount, letter_details, letter_line
from deploy.texts import line, usage
from shared.messaging.broker import KafkaNames
from shared.messaging.dead_letters.dead_letter import DeadLetter
from shared.messaging.dead_letters.redrives import Redrives
from shared.runtime.settings import Settings, read
from shared.storage import mongo
from shared.text.characters import harmless
from shared.time.clock import SystemClock

_LINES = 50
_PLACE = "TOPIC/PARTITION/OFFSET"


@dataclass(frozen=True, slots=True)
class DeadLetterCommand:
    """One run of the command. `named` holds the parsed command line."""

    settings: Settings
    redrives: Redrives
    named: argparse.Namespace

    async def run(self) -> int:
        """Run the subcommand and return the exit status."""
        match self.named.does:
            case "list":
                return await self._list()
            case "show":
                return await self._show()
            case "withdraw":
                return await self._client.withdraw(self.named.place)
            case _:
                return await self._redrive()

    async def _list(self) -> int:
        known, counted = await self.redrives.newest(), LetterCount()
        async for letter in self._letters():
            redrive = known.get(letter.position)
            if redrive and redrive.done and not self.named.all:
                counted.closed += 1
            elif counted.add(letter) <= self.named.lines:
                print(letter_line(letter, redrive))
        print("\n".join(counted.lines()))
        return 0

    async def _show(self) -> int:
        async with aclosing(self._letters()) as found:
            async for letter in found:
                print(letter_details(letter, await self.redrives.of(letter.position), whole=self.named.whole))
                return 0
        print(f"✗ {line('letter.none')}")
        return 1

    async def _redrive(self) -> int:
        if self.named.dry_run:
            return await self._client.rehearse(self._letters())
        return await self._client.ask(self._letters(), seconds=self.named.wait)

    @property
    def _client(self) -> RedriveClient:
        return RedriveClient(self.redrives, SystemClock(), self.named.by, self.named.reason, print)

    async def _letters(self) -> AsyncGenerator[DeadLetter, None]:
        """Each selected dead letter once. If the service dies between publishing and committing, the topic
        holds that letter twice."""
        topic = KafkaNames(self.settings.namespace).dead(self.named.service)
        seen: set[str] = set()
        async with aclosing(letters(self.settings.connection, topic, self.named.since)) as found:
            async for letter in found:
                if letter.position not in seen and self._selection.takes(letter):
                    seen.add(letter.position)
                    yield letter

    @property
    def _selection(self) -> LetterSelection:
        named = self.named
        return LetterSelection(named.place, named.topic, named.type, named.subject, named.died_of)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.deadletters",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("service", choices=SERVICES)
    parser.set_defaults(place=None, topic="", type="", subject="", died_of="", since=None)
    does = parser.add_subparsers(dest="does", required=True)
    listing = does.add_parser("list", help="what died and why")
    listing.add_argument("--all", action="store_true", help="also those applied or skipped since")
    listing.add_argument("--lines", type=int, default=_LINES, help=f"print at most so many ({_LINES})")
    _filters(listing)
    one = does.add_parser("show", help="one dead letter")
    one.add_argument("place", type=place, metavar=_PLACE)
    one.add_argument("--whole", action="store_true", help="the body to its end, however long")
    again = does.add_parser("redrive", help="hand to the service once more")
    again.add_argument("place", type=place, nargs="?", metavar=_PLACE)
    again.add_argument(
        "--every", action="store_true", help="all, where neither a place nor a filter is given"
    )
    again.add_argument("--dry-run", action="store_true", help="only print what would be done")
    again.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="for the results (60)")
    _filters(again)
    ends = does.add_parser("withdraw", help="end a redrive that waits; the dead letter stays")
    ends.add_argument("place", type=place, metavar=_PLACE)
    for decides in (again, ends):
        decides.add_argument("--by", type=harmless, default="", metavar="PERSON", help="who asks for it")
        decides.add_argument("--reason", type=harmless, default="", metavar="TEXT", help="why")
    return parser


def _filters(parser: argparse.ArgumentParser) -> None:
    """Add the filter options. An option that is not given keeps the default of the main parser."""
    left_out = argparse.SUPPRESS
    parser.add_argument(
        "--topic", default=left_out, metavar="PART", help="source topics with PART in the name"
    )
    parser.add_argument("--type", default=left_out, metavar="PART", help="event types with PART in the name")
    parser.add_argument("--subject", default=left_out, metavar="ID", help="this subscription")
    parser.add_argument("--died-of", default=left_out, metavar="PART", help="reasons with PART in them")
    parser.add_argument(
        "--since", type=since, default=left_out, metavar="WHEN", help="died since 90m, 12h, 7d or an ISO time"
    )


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse and check the command line. Ends the process with status 2 if the options do not fit together."""
    parser = _parser()
    named = parser.parse_args(argv)
    if named.does not in ("redrive", "withdraw"):
        return named
    narrowed = any((named.place, named.topic, named.type, named.subject, named.died_of, named.since))
    if named.does == "redrive" and narrowed == named.every:
        parser.error(usage("redrive", "selection"))
    rehearses = named.does == "redrive" and named.dry_run
    if not rehearses and not (named.by.strip() and named.reason.strip()):
        parser.error(usage(named.does, "person"))
    return named


async def run(named: argparse.Namespace) -> int:
    """Run the command and return the exit status. Raises what the database or Kafka raises."""
    settings = read(Settings, serves=False)
    client = mongo.connect(settings.mongo.get_secret_value())
    try:
        redrives = Redrives(client[settings.database(named.service)]["redrives"])
        return await DeadLetterCommand(settings, redrives, named).run()
    finally:
        client.close()


def main() -> int:
    named = arguments()
    try:
        return asyncio.run(run(named))
    except (KafkaError, TimeoutError):
        print(f"✗ {line('unreachable.kafka')}")
    except Exception as error:
        if not mongo.is_transient(error):
            raise
        print(f"✗ {line('unreachable.mongo')}")
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
