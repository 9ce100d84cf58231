"""Checks of a private integration: the VPC link, the load balancer behind it and its targets."""
