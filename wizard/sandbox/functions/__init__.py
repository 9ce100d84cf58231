"""Lambda functions, run for real: Python subprocesses with the function's own code, limits and log."""
