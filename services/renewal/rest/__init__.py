"""HTTP, for platforms that embed screens of their own (docs/reference/registering.md)."""
