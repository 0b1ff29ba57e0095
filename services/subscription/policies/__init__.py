"""The stage tables this release ships: one JSON file a version, named by its id. A file never changes."""

from pathlib import Path

from services.subscription.domain.policy import Policies, Policy


def load_policies() -> Policies:
    """Every table in this folder by id. Raises ValidationError where one isn't sound."""
    files = sorted(Path(__file__).parent.glob("*.json"))
    policies = [Policy.model_validate_json(file.read_bytes()) for file in files]
    return {policy.id: policy for policy in policies}
