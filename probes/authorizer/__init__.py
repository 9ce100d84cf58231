"""Checks of the authorizer of a REST API's method."""
