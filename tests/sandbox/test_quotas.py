"""Quotas that the sandbox lists, and answers of HTTP backends that are too large to pass."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from wizard.sandbox.clients import client
from wizard.sandbox.server import SandboxServer


def test_the_quotas_of_a_new_account_are_listed(sandbox: SandboxServer) -> None:
    listed = client(sandbox.endpoint_url, "service-quotas", "us-east-1").list_service_quotas(ServiceCode="apigateway")[
        "Quotas"
    ]
    known = {quota["QuotaCode"]: quota["Value"] for quota in listed}
    assert (known["L-8A5B8E43"], known["L-5244589D"]) == (10_000.0, 1_600.0)


def test_a_service_without_quotas_is_refused(sandbox: SandboxServer) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        client(sandbox.endpoint_url, "service-quotas", "us-east-1").list_service_quotas(ServiceCode="nothing")


def test_the_backends_long_answer_leaves_its_length_in_the_log(sandbox: SandboxServer) -> None:
    made = sandbox.scenario(["payload-over-10mb.answer"])
    assert (made["symptom"]["status"], made["symptom"]["error_type"]) == (502, "InternalServerErrorException")
    logs = client(sandbox.endpoint_url, "logs", "us-east-1")
    group = f"API-Gateway-Execution-Logs_{made['api_id']}/prod"
    found = logs.filter_log_events(logGroupName=group, filterPattern='"Content-Length=11534336"')["events"]
    assert found
