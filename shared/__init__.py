"""What every service stands on. No business rule lives here, and nothing here imports a service."""
