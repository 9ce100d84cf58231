"""What probes would say of a function that began to run into its timeout at 05:20, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wizard.model.json import Json, to_json
from wizard.model.probe import Evidence
from wizard.model.status import Reason, Status

START = datetime(2026, 3, 4, 0, 0, tzinfo=UTC)
ONSET = START + timedelta(hours=5, minutes=20)
GATEWAY_ID = "3f2a9c10-0000-4000-8000-00000000c0de"
LAMBDA_ID = "8b1d7e22-0000-4000-8000-0000000000fe"
ROLE = "arn:aws:sts::123456789012:assumed-role/ops"
FAILING = 64  # the index of the first failing period


def iso(at: datetime) -> str:
    return at.isoformat()


def seen(probe: str, hop: str, status: Status, summary: str, **facts: object) -> Evidence:
    plain = to_json(facts)
    assert isinstance(plain, dict)
    return Evidence(probe, hop, status, summary, plain, id=probe)


def periods(before: float, after: float) -> list[float | None]:
    """72 periods of 5 minutes; one without traffic."""
    values: list[float | None] = [before + (i % 5) * before / 20 for i in range(FAILING)] + [after] * (72 - FAILING)
    values[20] = None
    return values


ERRORS = seen(
    "stage.errors",
    "stage",
    Status.FAIL,
    "96 of 2319 requests to this method got a 5xx, since 2026-03-04 05:20 UTC, sporadic: 40 % of the requests then.",
    series={"start": iso(START), "step_s": 300, "count": periods(30, 30), "errors": periods(0, 12)},
    onset=iso(ONSET),
    share=0.4,
    pattern="sporadic",
    history={
        "start": iso(START - timedelta(hours=66)),
        "step_s": 900,
        "count": [90] * 288,
        "errors": [0] * 285 + [20, 36, 36],
    },
    narrowed={"start": iso(ONSET - timedelta(minutes=5)), "end": iso(START + timedelta(hours=6))},
)
TOOK: dict[str, Json] = {"p50_ms": 212.4, "p99_ms": 2950, "max_ms": 3000}
DURATIONS = seen(
    "integration.durations",
    "integration",
    Status.FAIL,
    "The slowest call took 3000 ms (function): it is stopped before it answers.",
    timeouts=[
        {
            "who": "function",
            "name": "shop-orders:live Timeout",
            "ms": 3000,
            "source": "lambda:GetFunctionConfiguration",
            **TOOK,
        },
        {"who": "gateway", "name": "timeoutInMillis", "ms": 29000, "source": "apigateway:GetExport", **TOOK},
    ],
    gives_up_first="function",
    durations=TOOK,
    latency_series={
        "start": iso(START),
        "step_s": 300,
        "p50": periods(200, 2100),
        "p99": periods(480, 2990),
        "max": periods(800, 3000),
    },
    threshold_ms=3000,
)


def told(second: float, source: str, request_id: str, text: str, deciding: bool = False) -> dict[str, Json]:
    at = ONSET + timedelta(seconds=second)
    return {"at": iso(at), "source": source, "request_id": request_id, "text": text, "deciding": deciding}


STORY: list[dict[str, Json]] = [
    told(0.101, "gateway", GATEWAY_ID, f"({GATEWAY_ID}) Extended Request Id: Xy1="),
    told(0.102, "gateway", GATEWAY_ID, f"({GATEWAY_ID}) Verifying Usage Plan for request"),
    told(0.103, "gateway", GATEWAY_ID, f"({GATEWAY_ID}) Starting execution for request: {GATEWAY_ID}"),
    told(0.104, "gateway", GATEWAY_ID, f"({GATEWAY_ID}) HTTP Method: GET, Resource Path: /prod/orders/42"),
    told(
        0.110,
        "gateway",
        GATEWAY_ID,
        f"({GATEWAY_ID}) Endpoint request body after transformations: " + '{"path":"/orders/42"} ' * 30,
    ),
    told(0.120, "function", LAMBDA_ID, f"START RequestId: {LAMBDA_ID} Version: 7"),
    told(0.300, "function", LAMBDA_ID, "[INFO] reading order 42 from the slow table"),
    told(3.121, "function", LAMBDA_ID, f"2026-03-04T05:20:03Z {LAMBDA_ID} Task timed out after 3.00 seconds", True),
    told(3.122, "function", LAMBDA_ID, f"END RequestId: {LAMBDA_ID}"),
    told(
        3.130,
        "gateway",
        GATEWAY_ID,
        f"({GATEWAY_ID}) Lambda execution failed with status 200 due to customer function error: "
        f"{LAMBDA_ID} Task timed out after 3.00 seconds. Lambda request id: {LAMBDA_ID}",
        True,
    ),
    told(3.131, "gateway", GATEWAY_ID, f"({GATEWAY_ID}) Method completed with status: 502"),
    told(3.140, "access", GATEWAY_ID, '{"requestId":"' + GATEWAY_ID + '","status":"502","integrationLatency":"3021"}'),
]
EXECUTION = seen(
    "stage.execution_log",
    "stage",
    Status.FAIL,
    "96 requests to GET /orders/{id} failed, the newest with 502: Task timed out after 3.00 seconds.",
    story=[line for line in STORY if line["source"] != "access"],
    lines=[],
)
ACCESS = seen(
    "stage.access_log", "stage", Status.FAIL, "The access log shows 96 answers with 502.",
    story=[line for line in STORY if line["source"] == "access"],
)  # fmt: skip


def change(minutes: float, what: str, who: str | None, source: str, hop: str = "lambda-function") -> dict[str, Json]:
    """A change so many minutes before the onset."""
    at = iso(ONSET - timedelta(minutes=minutes))
    return {"at": at, "what": what, "who": who, "hop": hop, "source": source, "seconds_before_onset": minutes * 60}


CHANGES = seen(
    "stage.changes",
    "stage",
    Status.WARN,
    "4 changes on this path, the last one 2 minutes before the errors began.",
    changes=[
        change(-9, "CreateDeployment: deployment d4 of stage prod", "ben", "deployment", "stage"),
        change(2, "UpdateFunctionConfiguration on shop-orders: Timeout", f"{ROLE}/alice",
               "cloudtrail"),
        change(2.5, "PublishVersion on shop-orders", None, "function"),
        change(4000, "CreateDeployment: deployment d3 of stage prod", "ben", "deployment", "stage"),
    ],
)  # fmt: skip
TRACES = seen(
    "stage.traces",
    "stage",
    Status.FAIL,
    "2 traces of failing requests, both fail at the function.",
    traces=[
        {
            "id": "1-69a7be74-0123456789abcdef01234567",
            "at": iso(ONSET),
            "duration_ms": 3040,
            "fault_hop": "lambda-function",
            "segments": [
                {"name": "shop/prod", "hop": "stage", "start_ms": 0, "duration_ms": 3040, "fault": True},
                {"name": "Lambda", "hop": "lambda-service", "start_ms": 12, "duration_ms": 3020},
                {"name": "shop-orders", "hop": "lambda-function", "start_ms": 20, "duration_ms": 3000, "fault": True},
                {"name": "DynamoDB", "hop": "", "start_ms": 200, "duration_ms": 90, "throttle": True},
            ],
        },
        {"id": "1-69a7be75-0123456789abcdef01234567", "at": iso(ONSET), "duration_ms": 41, "segments": []},
    ],
)
HEALTH = Evidence(
    "stage.health",
    "stage",
    Status.UNKNOWN,
    "This account may not read AWS Health: it needs Business Support.",
    reason=Reason.NO_DATA,
    needs="a Business Support plan",
    id="stage.health",
)
ALL = (ERRORS, DURATIONS, EXECUTION, ACCESS, CHANGES, TRACES, HEALTH)
