"""The gateway simulator: judges a request against the deployed configuration as API Gateway does."""
