"""Checks of how the function answers."""
