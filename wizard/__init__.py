"""apigw-wizard: from "the API answers 5xx" to the hop that fails."""

__version__ = "0.1.0"
