"""The composition root of the subscription service."""

import time
from functools import partial

from fastapi import APIRouter

from services.subscription.changes import SubscriptionChanges
from services.subscription.corrections import concessions, decisions, statements
from services.subscription.data import deletions, recoveries
from services.subscription.data.waiting_deletions import WaitingDeletions
from services.subscription.domain.event_factory import record_present
from services.subscription.domain.subscription import Subscription
from services.subscription.entitlement.clock_agreement import ClockAgreement
from services.subscription.entitlement.gate import Gate, OfficeProduct
from services.subscription.idempotency import INDEX as CLAIMS
from services.subscription.idempotency import IdempotencyKeys
from services.subscription.imports.applier import ImportApplier
from services.subscription.imports.loop import ImportsLoop
from services.subscription.imports.proposer import ImportProposer
from services.subscription.imports.rest import ImportRoutes
from services.subscription.imports.row_decider import RowDecider
from services.subscription.imports.state import Import
from services.subscription.imports.store import NEWEST, OUTCOMES, PHASES, REMARKS, ImportRows, Imports
from services.subscription.lifecycle import rest as subscriptions_rest
from services.subscription.lifecycle.acceptance_handlers import AcceptanceHandlers
from services.subscription.lifecycle.handlers import LifecycleHandlers
from services.subscription.lifecycle.payment_handlers import PaymentHandlers
from services.subscription.lifecycle.scheduler import LifecycleScheduler
from services.subscription.plans import composition as plan_flow
from services.subscription.plans import hold_releases, holds
from services.subscription.plans.hold_releases import HoldReleaser
from services.subscription.plans.holds import HoldsWatch
from services.subscription.policies import load_policies, load_products
from services.subscription.settings import SubscriptionSettings
from services.subscription.spreadsheet.reader import LARGEST_BYTES
from services.subscription.store import INDEXES, KEPT, Subscriptions
from services.subscription.timeline.forecast import ForecastRoutes
from services.subscription.timeline.rest import TimelineRoutes
from shared.background.heartbeat import Heartbeat
from shared.background.leader_loop import LeaderLoop
from shared.messaging.republication.republisher import Republished
from shared.messaging.routes import Routes
from shared.runtime.process import serve
from shared.runtime.service import Loop, Plan, Service
from shared.runtime.settings import read
from shared.storage.last_known import LastKnown
from shared.time.clock import Clock


def compose(settings: SubscriptionSettings, real: Clock | None = None) -> tuple[Service, Plan]:
    """Build the service. `real` is the machine's clock, if it is not the system's."""
    service = Service("subscription", settings, snapshots=("access",), real=real)
    policies = load_policies(settings.tables)
    products = load_products(policies, settings.tables)
    agreement = ClockAgreement(service.real, _since_boot, service.database)
    stored = service.store("subscriptions", Subscription, *INDEXES, audited=True)
    subscriptions = Subscriptions(stored)
    service.republished.append(Republished(stored, KEPT, partial(record_present, policies=policies)))
    handlers = LifecycleHandlers(
        subscriptions, policies, products, service.clock, agreement, service.topic_progress
    )
    states: LastKnown[OfficeProduct, list[Subscription]] = LastKnown(
        lambda name: subscriptions.of_office(*name), service.clock, settings.gate_remembers
    )
    gate = Gate(states, policies, service.clock, agreement)
    leader = _leader_loop(service, "schedule", agreement, settings.tick_seconds)
    schedule = LifecycleScheduler(subscriptions, policies, service.clock, leader, settings.batch)
    changes = SubscriptionChanges(subscriptions, policies, products, service.clock, agreement)
    store, imports, imports_loop = _imports(service, settings, changes)
    plans_leader = _leader_loop(service, "plans", agreement, settings.look_seconds)
    plans, plans_loop = plan_flow.build(service, changes, plans_leader, settings.vendor_zone)
    waiting = WaitingDeletions.of(subscriptions, policies, service.clock)
    watch = HoldsWatch(subscriptions, settings.hold_limit, service.collection("told"), settings.holds_seconds)
    routers = [
        gate.router(),
        ForecastRoutes(subscriptions, policies, service.clock).router(service.verifier),
        TimelineRoutes(subscriptions, policies, service.clock).router(service.verifier),
        imports.router(service.verifier),
        *_rest(service, changes, store),
        plans.router(service.verifier),
        holds.router(subscriptions, settings.hold_limit, service.verifier),
        waiting.router(service.verifier),
    ]
    return service, Plan(
        _routes(handlers),
        routers,
        [
            Loop(schedule.run, Heartbeat("schedule", limit=schedule.leader_loop.silence_limit)),
            Loop(agreement.run, Heartbeat("clocks", limit=30), always=True),
            Loop(imports_loop.run, Heartbeat("imports", limit=imports_loop.leader_loop.silence_limit)),
            Loop(plans_loop.run, Heartbeat("plans", limit=plans_loop.leader_loop.silence_limit)),
            Loop(watch.run, Heartbeat("holds", limit=2 * settings.holds_seconds + 30)),
        ],
        starting=[agreement.begin],
        meters=[waiting.register],
        larger_bodies={"/v1/imports": LARGEST_BYTES + 1},
    )


def _routes(handlers: LifecycleHandlers) -> Routes:
    routes = handlers.routes()
    AcceptanceHandlers(handlers).add_to(routes)
    PaymentHandlers(handlers).add_to(routes)
    return routes


def _imports(
    service: Service, settings: SubscriptionSettings, changes: SubscriptionChanges
) -> tuple[Imports, ImportRoutes, ImportsLoop]:
    subscriptions, clock = changes.subscriptions, service.clock
    batch = max(settings.batch // 4, 1)  # nothing else runs while one is encoded
    store = service.store("imports", Import, PHASES, NEWEST, audited=True)
    imports = Imports(store, ImportRows(service.collection("import_rows", OUTCOMES, REMARKS)))
    decider = RowDecider(changes.policies, changes.products, clock)
    proposer = ImportProposer(imports, subscriptions, decider, clock, settings.batch)
    applier = ImportApplier(imports, subscriptions, decider, clock, settings.hold_limit, batch)
    leader_loop = _leader_loop(service, "imports", changes.agreement, settings.look_seconds)
    loop = ImportsLoop(imports, applier, clock, leader_loop)
    return imports, ImportRoutes(imports, proposer, clock), loop


def _rest(service: Service, changes: SubscriptionChanges, imports: Imports) -> list[APIRouter]:
    claims, verifier = (
        IdempotencyKeys(service.collection("request_keys", CLAIMS), service.clock),
        service.verifier,
    )
    return [
        subscriptions_rest.router(changes.subscriptions, verifier),
        statements.router(changes, claims, verifier),
        *(module.router(changes, verifier) for module in (concessions, decisions, deletions, recoveries)),
        hold_releases.router(HoldReleaser(changes, imports), verifier),
    ]


def _leader_loop(service: Service, name: str, agreement: ClockAgreement, pause_seconds: float) -> LeaderLoop:
    """A loop that works only while the clocks agree, so that a wrong clock locks nobody and ends no
    service."""
    return service.leader_loop(name, pause_seconds, agreement.holds)


def _since_boot() -> float:
    """Seconds since boot, including those during which the machine slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def main() -> None:
    settings = read(SubscriptionSettings)
    serve("subscription", lambda: compose(settings), settings.port_base + 1)
