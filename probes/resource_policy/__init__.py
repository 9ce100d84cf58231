"""Who may call the API at all."""
