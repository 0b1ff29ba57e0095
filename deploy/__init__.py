"""What runs the services: the local stack, containers, locks, generated documentation."""

SERVICES = ("subscription", "renewal", "signing", "notifier")
