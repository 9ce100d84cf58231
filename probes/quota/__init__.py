"""Checks of what is limited in size and number: quotas of the service."""
