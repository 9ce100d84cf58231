"""HTTP APIs (API Gateway v2): judged as the service judges them, which differs from REST APIs all along the path."""
