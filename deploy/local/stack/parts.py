"""The parts of the local stack that consume events, publish events and follow the clock."""

from deploy import SERVICES

PLATFORM = "platform"
PARTS = (*SERVICES, PLATFORM)
"""The product's services, and the simulator of the platform that they serve."""
