"""How large a statement's file may be."""

MOST_BYTES = 20 * 1024 * 1024
MOST_LINES = 100_000
MOST_BALANCE = 10**15
"""In đồng."""
