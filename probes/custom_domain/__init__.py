"""The name that the client calls: DNS, certificate, mutual TLS, mappings."""
