"""Asks the person at this computer: in a window, or on the terminal."""
