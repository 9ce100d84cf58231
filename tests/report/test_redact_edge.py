"""What stands before an API is nobody else's business: host names, distributions, VPC endpoints, trust stores."""

from __future__ import annotations

import json

import pytest

from tests.cases.playing import HERE, play, read
from wizard.report.json import document
from wizard.report.redact import redact

OWN = {
    "custom-domain-dns-wrong-target": ["api.example.com", "d-9z8y7x6w5v", "d-0a1b2c3d4e", "192.0.2.", "198.51.100."],
    "cloudfront-origin-error": ["shop.example.com", "E1EXAMPLE", "d111111abcdef8"],
    "private-endpoint-unreachable": ["vpce-0a1b2c3d4e5f60718", "vpc-0a1b2c3d", "sg-0a1b2c3d"],
    "waf-blocked-or-unavailable": ["0a1b2c3d-0000-4000", "192.0.2."],
    "mtls-truststore-invalid": ["shop-trust", "api.example.com"],
}


@pytest.mark.parametrize("cause", OWN)
def test_a_saved_report_names_none_of_it(cause: str) -> None:
    shown = json.dumps(document(play(read(HERE / cause / "guilty.yaml"))))
    saved = json.dumps(document(redact(play(read(HERE / cause / "guilty.yaml")))))
    assert any(name in shown for name in OWN[cause])
    assert [name for name in OWN[cause] if name in saved] == []
