"""Checks the archive of a renewal's dossier, without a network and without the system that made it."""
