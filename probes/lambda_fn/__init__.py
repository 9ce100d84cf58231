"""Checks of the Lambda function behind the integration."""
