"""Checks of a method's integration."""
