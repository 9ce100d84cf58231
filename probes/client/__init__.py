"""Checks from the client's side."""
