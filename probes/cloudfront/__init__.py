"""CloudFront in front of the API."""
