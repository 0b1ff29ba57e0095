"""Faults on the way to the mail server."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from deploy.local.mail.server import Rule
from tests.faults.kafka_faults import wait_until_sprung
from tests.faults.proxy import Side, Trap
from tests.faults.world import World

_LATER, _NEVER = "451 4.3.0 try again later", "550 5.1.1 no such user"


@contextmanager
def smtp_later(world: World, random: Random) -> Iterator[None]:
    """The server defers some letters with 4xx, at RCPT or DATA."""
    with _answered(world, Rule("*", _LATER, random.choice(["RCPT", "DATA"]), times=random.randint(1, 4))):
        yield


@contextmanager
def smtp_never(world: World, random: Random) -> Iterator[None]:
    """The server refuses one address with 5xx while others are accepted."""
    with _answered(world, Rule("*", _NEVER, random.choice(["RCPT", "DATA"]), times=1)):
        yield


@contextmanager
def smtp_cut_in_the_letter(world: World, random: Random) -> Iterator[None]:
    """The connection is cut when the server has half of a letter, which does not count."""
    with _cut(world, Trap("SUBJECT:", side=Side.BEFORE)):
        yield


@contextmanager
def smtp_dropped_after_data(world: World, random: Random) -> Iterator[None]:
    """The connection is cut when the server has the whole letter, so the sender cannot know."""
    with _cut(world, Trap(".", side=Side.AFTER)):
        yield


@contextmanager
def _answered(world: World, rule: Rule) -> Iterator[None]:
    world.mail.rules.append(rule)
    try:
        yield
        world.settle()
        assert rule.times == 0, "no letter met the rule"
    finally:
        world.mail.rules.remove(rule)


@contextmanager
def _cut(world: World, trap: Trap) -> Iterator[None]:
    world.smtp.trap = trap
    try:
        yield
        wait_until_sprung(trap)
    finally:
        world.smtp.trap = None
