"""The composition root: everything the service is made of is made here."""

from services.subscription import api
from services.subscription.domain.subscription import Subscription
from services.subscription.handlers import Handlers
from services.subscription.intake import Intake
from services.subscription.policies import load_policies
from services.subscription.schedule import Schedule
from services.subscription.settings import SubscriptionSettings
from services.subscription.spreadsheet import LARGEST_BYTES
from services.subscription.store import INDEXES, Subscriptions
from shared.process import serve
from shared.pulse import Pulse
from shared.service import Loop, Plan, Service
from shared.settings import read


def compose(settings: SubscriptionSettings) -> tuple[Service, Plan]:
    service = Service("subscription", settings)
    policies = load_policies()
    subscriptions = Subscriptions(service.store("subscriptions", Subscription, *INDEXES))
    handlers = Handlers(subscriptions, policies, service.clock)
    intake = Intake(subscriptions, policies, service.clock, settings.batch)
    schedule = Schedule(
        subscriptions,
        policies,
        service.clock,
        service.lease("schedule"),
        settings.batch,
        settings.tick_seconds,
    )
    routes = api.router(subscriptions, policies, intake, service.clock, service.keys)
    return service, Plan(
        handlers.routes(),
        [routes],
        [Loop(schedule.run, Pulse("schedule", limit=30))],
        larger_bodies={"/v1/imports": LARGEST_BYTES + 1},
    )


def main() -> None:
    settings = read(SubscriptionSettings)
    serve("subscription", lambda: compose(settings), settings.port_base + 1)
