"""The rules that every revision on top of a signed file keeps: pyHanko's default, without its rule for fields
that aren't signatures."""

from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    QualifiedWhitelistRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    XrefStreamRule,
)

PROOF_LEVEL = ModificationLevel.LTA_UPDATES
"""The level of a change that only proves a signature."""
_SHARED = (
    DocInfoRule(),
    XrefStreamRule(),
    ObjectStreamRule(),
    DSSCompareRule(),
    MetadataUpdateRule(),  # type: ignore[no-untyped-call]
)


def diff_policy(catalog: CatalogModificationRule, *own: QualifiedWhitelistRule) -> StandardDiffPolicy:
    """The shared rules, with a rule for the catalogue and `own` ones."""
    return StandardDiffPolicy(
        [catalog, *own, *(rule.as_qualified(PROOF_LEVEL) for rule in _SHARED)],
        FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),  # type: ignore[no-untyped-call]
    )
