"""Checks of one method."""
