"""The way into a private API."""
