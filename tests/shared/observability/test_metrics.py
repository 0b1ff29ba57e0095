"""The values of /metrics are right, and no label names a person."""

from prometheus_client.parser import text_string_to_metric_families

from shared.events.subscription import SubscriptionExpiring
from shared.resilience.errors import NotYet
from shared.runtime.settings import Settings
from shared.storage.aggregate import Cause
from tests.support.counter import expiring
from tests.support.reader import Reader, run_reader
from tests.support.service_process import until
from tests.support.topic import Raw, raw

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def _samples(reader: Reader) -> Samples:
    answer = await reader.client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def _value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


async def _until_value(reader: Reader, value: float, name: str, **labels: str) -> None:
    async def there() -> bool:
        return _value(await _samples(reader), name, **labels) == value

    await until(there, f"{name}{labels} being {value}")


async def test_records_are_counted_by_result(settings: Settings) -> None:
    async def one_waits(event: SubscriptionExpiring, cause: Cause) -> None:
        if event.days_left == 7:
            raise NotYet("an earlier event")

    async with run_reader(settings, one_waits) as reader:
        await reader.publish(
            raw(expiring(1)),
            raw(expiring(2)),
            raw(expiring(3, days_left=7)),
            Raw(b"{", raw(expiring(4)).headers),
        )
        await _until_value(reader, 2, "giahan_records_total", result="handled")
        await _until_value(reader, 1, "giahan_records_total", result="parked")
        await _until_value(reader, 1, "giahan_records_total", result="dead_lettered")
        await _until_value(reader, 1, "giahan_parked_messages")


async def test_stopped_partition_shows_its_lag_and_age(settings: Settings) -> None:
    stopped = True

    async def held_up(event: SubscriptionExpiring, cause: Cause) -> None:
        if stopped and event.days_left == 7:
            raise ConnectionError

    async with run_reader(settings, held_up) as reader:
        place = {"topic": reader.topic, "partition": "5"}
        await reader.publish(raw(expiring(1), partition=5))
        await _until_value(reader, 0, "giahan_consumer_lag_records", **place)
        await reader.publish(*(raw(expiring(1, 7), sequence=n, partition=5) for n in (2, 3, 4)))
        await _until_value(reader, 3, "giahan_consumer_lag_records", **place)
        samples = await _samples(reader)
        assert (_value(samples, "giahan_consumer_oldest_seconds", **place) or 0) > 0
        assert (_value(samples, "giahan_record_in_hand_seconds", **place) or 0) > 0
        assert _value(samples, "giahan_record_in_hand_seconds", **(place | {"partition": "4"})) == 0
        stopped = False
        await _until_value(reader, 0, "giahan_consumer_lag_records", **place)


async def test_requests_are_counted_under_their_route_never_under_their_path(settings: Settings) -> None:
    async with run_reader(settings) as reader:
        await reader.publish(raw(expiring(1)))
        await reader.until_counted(1)
        await reader.client.get("/health/live")
        await reader.client.get("/dv-00001/secret")
        samples = await _samples(reader)
        live = {"method": "GET", "route": "/health/live", "status": "200"}
        other = {"method": "GET", "route": "unmatched", "status": "404"}
        assert _value(samples, "giahan_http_request_seconds_count", **live) == 1
        assert _value(samples, "giahan_http_request_seconds_count", **other) == 1
        assert not any("secret" in value for _, labels in samples for _, value in labels)


async def test_loops_and_backlogs_have_their_ages(settings: Settings) -> None:
    async with run_reader(settings) as reader:
        await reader.publish(raw(expiring(1)))
        await reader.until_counted(1)
        samples = await _samples(reader)
        loops = {dict(labels)["loop"] for name, labels in samples if name == "giahan_loop_age_seconds"}
        assert loops == {"relay", "consumer", "requests", "parked"}
        assert _value(samples, "giahan_unpublished_oldest_seconds") == 0
        assert _value(samples, "giahan_parked_oldest_seconds") == 0
