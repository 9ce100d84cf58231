"""Checks that find the request's path."""
