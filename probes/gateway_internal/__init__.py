"""Checks of API Gateway itself: what is left for AWS Support."""
