"""Source of the Lambda functions that the sandbox deploys; each folder is one package."""
