"""Functions run for real: limits, failures, logs, credentials and metrics as Lambda has them."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import ACCOUNT, REGION, Bench, package
from wizard.sandbox import rolecheck
from wizard.sandbox.credentials import Credentials
from wizard.sandbox.functions import runner
from wizard.sandbox.functions.code import CodeStore
from wizard.sandbox.functions.environment import Ending
from wizard.sandbox.functions.model import MAX_RESPONSE_BYTES, Function
from wizard.sandbox.functions.report import failure_of, report
from wizard.sandbox.server import SandboxServer

HANDLER = "def handler(event, context):\n"


def one(lines: list[str], start: str) -> str:
    found = [line for line in lines if line.startswith(start)]
    assert len(found) == 1, lines
    return found[0]


def test_a_function_gets_its_event_context_and_environment(bench: Bench) -> None:
    bench.function(
        """
        import os
        def handler(event, context):
            return {
                "event": event, "arn": context.invoked_function_arn, "version": context.function_version,
                "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis() > 1000,
                "color": os.environ["COLOR"], "region": os.environ["AWS_REGION"], "stream": context.log_stream_name,
                "endpoint": os.environ["AWS_ENDPOINT_URL"], "home": os.getcwd() == os.path.dirname(__file__),
            }
        """,
        Environment={"Variables": {"COLOR": "blue"}},
    )
    answer, _ = bench.invoke({"a": 1})
    stream = answer.pop("stream")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    assert answer == {
        "event": {"a": 1},
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:thing",
        "version": "$LATEST",
        "memory": "128",
        "left": True,
        "color": "blue",
        "region": REGION,
        "endpoint": bench.endpoint,
        "home": True,
    }


def test_the_log_has_the_service_lines_and_the_functions_own(bench: Bench) -> None:
    bench.function(
        """
        import logging, os, sys
        logging.getLogger().setLevel("INFO")
        def handler(event, context):
            print("printed")
            sys.stderr.write("to stderr\\n")
            os.write(1, b"below python\\n")
            logging.getLogger().info("logged")
            return 1
        """
    )
    _, raw = bench.invoke(LogType="Tail")
    lines = bench.function_log()
    request_id = one(lines, "START ").split()[2]
    assert one(lines, "START ") == f"START RequestId: {request_id} Version: $LATEST\n"
    assert one(lines, "END ") == f"END RequestId: {request_id}\n"
    assert {"printed\n", "to stderr\n", "below python\n"} <= set(lines)
    assert re.fullmatch(rf"\[INFO\]\t\S+Z\t{request_id}\tlogged\n", one(lines, "[INFO]"))
    number = r"\d+(\.\d\d)?"
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: {number} ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
        rf"Max Memory Used: \d+ MB\tInit Duration: {number} ms\t\n",
        one(lines, "REPORT "),
    )
    assert "printed" in base64.b64decode(raw["LogResult"]).decode()


def test_an_environment_stays_warm_until_the_code_changes(bench: Bench) -> None:
    count = "calls = []\n" + HANDLER + "    calls.append(1)\n    return [len(calls), '{}']\n"
    bench.function(count.format("one"))
    assert [bench.invoke()[0] for _ in range(2)] == [[1, "one"], [2, "one"]]
    bench.aws("lambda").update_function_code(FunctionName="thing", ZipFile=package(count.format("two")))
    assert bench.invoke()[0] == [1, "two"]
    bench.aws("lambda").update_function_configuration(FunctionName="thing", Timeout=5)
    assert bench.invoke()[0] == [1, "two"]


def test_a_version_keeps_its_code(bench: Bench) -> None:
    bench.function(HANDLER + "    return 'old'\n", Publish=True)
    bench.aws("lambda").update_function_code(FunctionName="thing", ZipFile=package(HANDLER + "    return 'new'\n"))
    assert bench.invoke()[0] == "new"
    assert bench.invoke(Qualifier="1")[0] == "old"


def test_an_exception_is_the_answer(bench: Bench) -> None:
    bench.function("import json\n" + HANDLER + "    return event['missing']\n")
    answer, raw = bench.invoke({})
    assert raw["FunctionError"] == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("KeyError", "'missing'")
    assert answer["stackTrace"] == [
        "  File \"/var/task/app.py\", line 3, in handler\n    return event['missing']\n           ~~~~~^^^^^^^^^^^\n"
    ]
    logged = one(bench.function_log(), "[ERROR]")
    assert logged.startswith(
        "[ERROR] KeyError: 'missing'\nTraceback (most recent call last):\n  File \"/var/task/app.py\""
    )
    assert bench.endpoint not in logged


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        ("import requests", "app.handler", "Runtime.ImportModuleError",
         "Unable to import module 'app': No module named 'requests'"),
        ("x = 1", "web.handler", "Runtime.ImportModuleError", "Unable to import module 'web': No module named 'web'"),
        ("x = 1", "app.main", "Runtime.HandlerNotFound", "Handler 'main' missing on module 'app'"),
        ("x = 1", "app", "Runtime.MalformedHandlerName",
         "Bad handler 'app': not enough values to unpack (expected 2, got 1)"),
        ("def x(:", "app.handler", "Runtime.UserCodeSyntaxError",
         "Syntax error in module 'app': invalid syntax (app.py, line 1)"),
        ("import os\nos.environ['TABLE']", "app.handler", "KeyError", "'TABLE'"),
    ],
)  # fmt: skip
def test_a_failing_start_is_reported(bench: Bench, source: str, handler: str, kind: str, message: str) -> None:
    bench.function(source, Handler=handler)
    answer, raw = bench.invoke()
    assert (answer["errorType"], answer["errorMessage"], raw["FunctionError"]) == (kind, message, "Unhandled")
    lines = bench.function_log()
    assert one(lines, "[ERROR]").startswith(f"[ERROR] {kind}: {message}\nTraceback (most recent call last):\n")
    reported = kind if kind.startswith("Runtime.") else "Runtime.Unknown"
    assert one(lines, "INIT_REPORT").endswith(f"\tPhase: init\tStatus: error\tError Type: {reported}\n")
    assert "importlib" not in "".join(lines)


def test_boto3_is_there_and_other_installed_packages_are_not(bench: Bench) -> None:
    bench.function("import boto3, botocore, urllib3, dateutil\n" + HANDLER + "    import yaml\n")
    assert bench.invoke()[0]["errorMessage"] == "No module named 'yaml'"


def test_a_result_that_is_no_json_is_a_marshal_error(bench: Bench) -> None:
    bench.function(HANDLER + "    return {1, 2}\n")
    answer, _ = bench.invoke()
    assert answer["errorType"] == "Runtime.MarshalError"
    assert answer["errorMessage"] == "Unable to marshal response: Object of type set is not JSON serializable"


def test_a_function_is_killed_at_its_timeout(bench: Bench) -> None:
    bench.function("import time\n" + HANDLER + "    print('waiting')\n    time.sleep(30)\n", Timeout=1)
    answer, raw = bench.invoke()
    assert raw["FunctionError"] == "Unhandled"
    assert re.fullmatch(r"\S+Z [0-9a-f-]{36} Task timed out after 1.00 seconds", answer["errorMessage"])
    lines = bench.function_log()
    assert answer["errorMessage"] + "\n\n" in lines
    assert "waiting\n" in lines
    assert one(lines, "REPORT").endswith("\tStatus: timeout\t\n")


def test_memory_is_a_real_limit(bench: Bench) -> None:
    bench.function(HANDLER + "    hoard = [b'x' * 1_000_000 for _ in range(100_000)]\n", MemorySize=128)
    answer, _ = bench.invoke()
    assert answer["errorType"] == "Runtime.ExitError"
    assert answer["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert "Max Memory Used: 128 MB" in one(bench.function_log(), "REPORT")


@pytest.mark.parametrize(
    ("leave", "text"),
    [
        ("import sys; sys.exit(1)", "Runtime exited with error: exit status 1"),
        ("import os; os._exit(3)", "Runtime exited with error: exit status 3"),
        ("import sys; sys.exit()", "Runtime exited without providing a reason"),
        ("import os; os.abort()", "Runtime exited with error: signal: aborted"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
         "Runtime exited with error: signal: segmentation fault"),
    ],
)  # fmt: skip
def test_an_exit_is_reported_and_the_next_call_starts_anew(bench: Bench, leave: str, text: str) -> None:
    bench.function(HANDLER + f"    if event: {leave}\n    return 'alive'\n")
    answer, _ = bench.invoke(True)
    assert answer["errorType"] == "Runtime.ExitError"
    assert re.fullmatch(rf"RequestId: [0-9a-f-]{{36}} Error: {re.escape(text)}", answer["errorMessage"])
    assert f"{answer['errorMessage']}\nRuntime.ExitError\n" in bench.function_log()
    assert bench.invoke(False)[0] == "alive"


def test_a_response_may_not_be_too_large(bench: Bench) -> None:
    bench.function(HANDLER + "    return 'x' * event\n", MemorySize=512)
    assert len(bench.invoke(MAX_RESPONSE_BYTES - 2)[0]) == MAX_RESPONSE_BYTES - 2
    answer, _ = bench.invoke(MAX_RESPONSE_BYTES - 1)
    text = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
    assert answer["errorMessage"] == text


def test_a_process_leaves_nothing_behind(bench: Bench, sandbox: SandboxServer) -> None:
    spawn = "import subprocess, os\n" + HANDLER
    spawn += "    return [os.getpid(), subprocess.Popen(['sleep', '60']).pid]\n"
    bench.function(spawn)
    pids, _ = bench.invoke()
    processes = [psutil.Process(pid) for pid in pids]
    sandbox.reset()
    assert not _runs(processes[0])
    psutil.wait_procs(processes, timeout=2)
    assert not [process for process in processes if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    """True for a process that runs; one that was killed may still wait to be buried."""
    try:
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


# -- concurrency ---------------------------------------------------------------------------------


def test_reserved_concurrency_bounds_parallel_runs(bench: Bench) -> None:
    bench.function("import time\n" + HANDLER + "    time.sleep(0.5)\n    return 1\n")
    lambdas = bench.aws("lambda")
    lambdas.put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=2)

    def call(_: int) -> str:
        try:
            return str(bench.invoke()[0])
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(call, range(4)))
    assert outcomes == ["1", "1", "TooManyRequestsException", "TooManyRequestsException"]
    lambdas.delete_function_concurrency(FunctionName="thing")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(call, range(4))) == {"1"}


def test_a_reservation_of_zero_disables_the_function(bench: Bench) -> None:
    bench.function(HANDLER + "    return 1\n")
    lambdas = bench.aws("lambda")
    lambdas.put_function_concurrency(FunctionName="thing", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match=r"Rate Exceeded\."):
        bench.invoke()
    assert _sum(bench, "AWS/Lambda", "Throttles", FunctionName="thing") == 1
    assert _sum(bench, "AWS/Lambda", "Invocations", FunctionName="thing") is None


def test_more_callers_than_processes_all_get_their_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PROCESS_LIMIT", 2)
    bench.function("import time\n" + HANDLER + "    time.sleep(0.05)\n    return event\n")
    bench.function(HANDLER + "    return event\n", name="other")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: bench.invoke(n, name=("thing", "other")[n % 2])[0], range(6)))
    assert answers == list(range(6))


# -- metrics -------------------------------------------------------------------------------------


def _sum(bench: Bench, namespace: str, name: str, **dimensions: str) -> float | None:
    now = datetime.now(UTC)
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    answer = bench.aws("cloudwatch").get_metric_data(
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}],
    )
    values = answer["MetricDataResults"][0]["Values"]
    return sum(values) if values else None


def test_an_invocation_is_counted_for_function_and_alias(bench: Bench) -> None:
    bench.function(HANDLER + "    return event['x']\n", Publish=True)
    bench.aws("lambda").create_alias(FunctionName="thing", Name="live", FunctionVersion="1")
    bench.invoke({"x": 1}, Qualifier="live")
    bench.invoke({}, Qualifier="live")
    bench.invoke({}, Qualifier="1")
    bench.invoke({})
    assert _sum(bench, "AWS/Lambda", "Invocations", FunctionName="thing") == 4
    assert _sum(bench, "AWS/Lambda", "Errors", FunctionName="thing") == 3
    for resource, invocations in (("thing:live", 2), ("thing:1", 1), ("thing", 1)):
        assert _sum(bench, "AWS/Lambda", "Invocations", FunctionName="thing", Resource=resource) == invocations


def test_a_request_is_counted_for_api_and_stage(bench: Bench) -> None:
    bench.serve(HANDLER + "    return None\n")
    bench.get()
    bench.get("/nothing")
    for dimensions in ({"ApiName": "bench"}, {"ApiName": "bench", "Stage": "prod"}):
        counted = {
            name: _sum(bench, "AWS/ApiGateway", name, **dimensions) for name in ("Count", "4XXError", "5XXError")
        }
        assert counted == {"Count": 2, "4XXError": 1, "5XXError": 1}


# -- the execution role --------------------------------------------------------------------------

READ = """
    import boto3, os
    def handler(event, context):
        table = boto3.client("dynamodb")
        return table.get_item(TableName="orders", Key={"id": {"S": "1"}}).get("Item")
"""


def test_calls_of_a_function_need_a_permission_of_its_role(bench: Bench) -> None:
    bench.aws("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    bench.function(READ)
    answer, _ = bench.invoke()
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    assert answer["errorMessage"] == (
        "An error occurred (AccessDeniedException) when calling the GetItem operation: "
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/thing is not authorized to perform: dynamodb:GetItem on "
        f"resource: {table} because no identity-based policy allows the dynamodb:GetItem action"
    )
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": table}]}
    bench.aws("iam").put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=json.dumps(allow))
    assert bench.invoke()[0] is None


def _denial(target: str, body: dict[str, Any], key: str | None = None) -> str | None:
    credentials = Credentials("http://127.0.0.1:1")
    variables = credentials.variables(_function(role=f"arn:aws:iam::{ACCOUNT}:role/nobody"))
    key = key or variables["AWS_ACCESS_KEY_ID"]
    signed = f"AWS4-HMAC-SHA256 Credential={key}/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host"
    return rolecheck.denial(credentials, signed, rolecheck.Sent(target, json.dumps(body).encode()))


def test_only_role_credentials_are_checked(sandbox: SandboxServer) -> None:
    assert _denial("DynamoDB_20120810.GetItem", {"TableName": "t"}, "AKIASANDBOXSANDBOX00") is None
    denied = _denial("DynamoDB_20120810.GetItem", {"TableName": "t"})
    assert denied is not None
    assert "table/t because no identity-based policy" in denied
    listed = _denial("DynamoDB_20120810.ListTables", {})
    assert listed is not None
    assert "dynamodb:ListTables on resource: *" in listed


# -- wording without a process -------------------------------------------------------------------


def _function(**changes: Any) -> Function:
    plain: dict[str, Any] = {
        "region": REGION, "name": "thing", "version": "1", "arn": "arn", "handler": "app.handler",
        "runtime": "python3.12", "role": "role", "timeout": 3, "memory": 128, "code": b"", "code_sha": "sha",
    }  # fmt: skip
    return Function(**{**plain, **changes})


def test_a_good_ending_is_no_failure() -> None:
    assert failure_of(Ending("result", "{}"), _function(), "r") is None


def test_memory_in_the_report_never_exceeds_the_setting() -> None:
    line = report("r", _function(), 0.0123, 500 * 1024 * 1024, None, None)
    assert "\tDuration: 12.30 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t" in line


def test_an_environment_is_replaced_when_anything_that_matters_changes() -> None:
    plain = _function()
    assert plain.fingerprint == _function(arn="other", qualifier="live").fingerprint
    for change in ({"code_sha": "2"}, {"timeout": 4}, {"memory": 256}, {"environment": (("a", "b"),)}, {"role": "x"}):
        assert plain.fingerprint != _function(**change).fingerprint


def test_a_package_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("app.py", "../escaped.txt", str(tmp_path / "absolute.txt"), "lib/deep.py"):
            packed.writestr(name, "x")
    store = CodeStore(tmp_path / "work")
    folder = store.folder("sha", archive.getvalue())
    assert store.folder("sha", b"") == folder
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == ["app.py", "lib/deep.py"]
    assert sorted(path.name for path in tmp_path.rglob("*.txt")) == []
    assert list(store.folder("other", b"no zip").iterdir()) == []
    store.clear()
    assert not folder.exists()


def test_another_runtime_cannot_run_here(bench: Bench) -> None:
    bench.function("x", Runtime="nodejs22.x")
    with pytest.raises(ClientError, match="InvalidRuntimeException"):
        bench.invoke()
