"""What the HTTP routes share. HTTP is for platforms with screens of their own
(docs/reference/registering.md)."""
