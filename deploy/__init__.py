"""What runs the services: the local stack, containers, lock files, generated documentation."""

SERVICES = ("subscription", "renewal", "signing", "notifier")
