"""Checks of a stage: logging, deployment, variables, its execution log."""
