"""Builds the flow of plans: their routes, and the loop that publishes and releases them."""

from services.subscription.changes import SubscriptionChanges
from services.subscription.domain.plans.release import PlanRelease
from services.subscription.plans.end_lists import PART, EndLists
from services.subscription.plans.loop import PlansLoop
from services.subscription.plans.planner import Planner
from services.subscription.plans.publisher import PlanPublisher
from services.subscription.plans.releaser import PlanReleaser
from services.subscription.plans.rest import PlanRoutes
from services.subscription.plans.versions import DAY, PlanVersions
from shared.background.leader_loop import LeaderLoop
from shared.runtime.service import Service


def build(
    service: Service, changes: SubscriptionChanges, leader_loop: LeaderLoop, zone: str
) -> tuple[PlanRoutes, PlansLoop]:
    """`zone` is the vendor's IANA zone, in which the days of plans are counted."""
    planner = Planner(changes.subscriptions, changes.policies)
    versions = PlanVersions(service.collection("plans", DAY))
    lists = EndLists(service.collection("plan_lists", PART))
    releases = service.store("plan_releases", PlanRelease, audited=True)
    releaser = PlanReleaser(releases, planner, lists, changes.policies, service.clock, zone)
    publisher = PlanPublisher(planner, versions, lists, service.clock, zone)
    loop = PlansLoop(publisher, releaser, leader_loop)
    return PlanRoutes(planner, versions, lists, releaser, changes), loop
