"""A breakable API on this machine: moto's server with a gateway simulator in front of it (extra ``[sandbox]``)."""
