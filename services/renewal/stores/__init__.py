"""What the service stores: one module for each aggregate that several flows read."""
