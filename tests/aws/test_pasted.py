"""A person in AWS's place: what is printed for them, what is taken from them, what is refused and how."""

from __future__ import annotations

import json
import shlex
import threading
from pathlib import Path
from typing import Any

import pytest

from wizard.aws.cache import CachedAws
from wizard.aws.cli_answer import is_whole
from wizard.aws.pasted import PastedAws, Wanted
from wizard.model.aws import (
    AwsError,
    Denied,
    Expired,
    Forbidden,
    NoCredentials,
    NotFound,
    Throttled,
    TimedOut,
    Unanswered,
    Unreachable,
)

STAGE = {"stageName": "prod", "deploymentId": "d1", "createdDate": "2026-01-31T15:05:00+01:00"}
READ = {**STAGE, "createdDate": "2026-01-31T14:05:00+00:00"}
ASKED = {"restApiId": "a1b2c3d4e5", "stageName": "prod"}
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:shop"


class Person:
    """Gives one answer after the other; keeps what was wanted."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self.wanted: list[Wanted] = []

    def __call__(self, wanted: Wanted) -> str:
        self.wanted.append(wanted)
        return next(self._answers)

    @property
    def refused(self) -> str:
        return self.wanted[-1].refused


def stage(*answers: str) -> tuple[dict[str, Any], Person]:
    person = Person(*answers)
    return PastedAws(person, "eu-west-1").call("apigateway", "GetStage", **ASKED), person


@pytest.mark.parametrize(
    "paste",
    [
        json.dumps(STAGE, indent=4),
        "\ufeff" + json.dumps(STAGE, indent=4).replace("\n", "\r\n"),
        f"$ aws apigateway get-stage --x '{{\"a\":1}}'\n{json.dumps(STAGE, indent=4)}\n[me@host ~]$ ",
        f"me@host:~$ \x1b[?2004l\n\x1b[32m{json.dumps(STAGE)}\x1b[0m\nme@host:~$",
        json.dumps(STAGE | {"createdDate": 1769868300, "ResponseMetadata": {}, "aNewField": [1]}),
        json.dumps(STAGE | {"createdDate": 1769868300.0}, indent=1),
    ],
)
def test_an_answer_with_whatever_stands_around_it(paste: str) -> None:
    answer, person = stage(paste)
    assert {name: answer[name] for name in READ} == READ
    assert (person.wanted[0].command, person.wanted[0].expected) == (
        "aws apigateway get-stage --rest-api-id a1b2c3d4e5 --stage-name prod --region eu-west-1 --output json",
        "get-stage: stageName, deploymentId, clientCertificateId, description, …",
    )


def test_a_terminal_that_broke_a_long_line() -> None:
    policy = json.dumps({"Policy": json.dumps({"Statement": [{"Resource": FUNCTION}]})})
    cut = policy.index("function:")
    person = Person(f"{policy[:cut]}\n{policy[cut:]}")
    answer = PastedAws(person).call("lambda", "GetPolicy", FunctionName=FUNCTION)
    assert json.loads(answer["Policy"])["Statement"] == [{"Resource": FUNCTION}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", ["@", ""])
def test_a_file(tmp_path: Path, encoding: str, mark: str) -> None:
    file = tmp_path / "my answer.json"
    file.write_text(json.dumps(STAGE), encoding)
    assert stage(f"{mark}{file}\n")[0] == READ


def test_files_that_are_none(tmp_path: Path) -> None:
    _, person = stage(f"@{tmp_path / 'gone.json'}", f"@{tmp_path}", "@/dev/zero", json.dumps(STAGE))
    assert [wanted.refused.rpartition(": ")[2] for wanted in person.wanted[1:]] == [
        *("No such file or directory", "it is no file", "it is no file")
    ]


@pytest.mark.parametrize(
    ("paste", "said"),
    [
        (
            '{"item": [{"stageName": "prod"}]}',
            "looks like the output of get-stages; expected get-stage: stageName, depl",
        ),
        ('{"Policy": "{}"}', "this is the output of something else; expected get-stage: stageName"),
        ('{"stageName": "test"}', "about another one: stageName is test; expected prod"),
        ('{"deploymentId": "d1"}', "stageName is missing"),
        ('{"stageName": ["prod"]}', 'stageName should be a text, not ["prod"]'),
        ('{"stageName": "prod", "variables": "x"}', "variables should be an object, not x"),
        ('{"stageName": "prod", "createdDate": "soon"}', "createdDate should be a time, not soon"),
        ('{"stageName": "prod", "cacheClusterEnabled": 1}', "cacheClusterEnabled should be true or false, not 1"),
        (json.dumps(STAGE)[:-9], "breaks off before its end"),
        ('{"stageName": prod}', "damaged in line 1"),
        ('{"a":' * 100_000, "JSON"),
        ("stageName: prod\ndeploymentId: d1", "this is YAML or text; run the command as it stands, with --output json"),
        ("STAGE\tprod\td1", "this is YAML or text"),
        ("-----------\n|  GetStage |\n+---------+", "this is a table"),
        ("yes", "there is no JSON in it; expected get-stage: stageName"),
        (json.dumps(STAGE) + "\n" + json.dumps(STAGE), "these are 2 answers"),
        ("bash: aws: command not found", "not installed there"),
        ("aws: error: argument operation: Invalid choice, valid choices are:", "does not take the command"),
        (
            "An error occurred (NotFoundException) when calling the GetStages operation: Invalid API identifier",
            "this is the error of GetStages; expected what GetStage says",
        ),
    ],
)
def test_what_is_refused(paste: str, said: str) -> None:
    answer, person = stage(paste, json.dumps(STAGE))
    assert answer == READ
    assert said in person.refused
    assert person.refused.isprintable()


def error(code: str, words: str = "said so", retries: str = "") -> str:
    return f"\nAn error occurred ({code}) when calling the GetStage operation{retries}: {words}\n"


@pytest.mark.parametrize(
    ("paste", "kind", "said"),
    [
        (error("NotFoundException", "Invalid stage identifier specified"), NotFound, "Invalid stage identifier"),
        (
            error("AccessDeniedException", "User: x is not authorized to perform: apigateway:GET on resource: arn:y"),
            Denied,
            "needs apigateway:GET on arn:y",
        ),
        (
            error("TooManyRequestsException", "Rate exceeded", " (reached max retries: 4)"),
            Throttled,
            "refused for rate",
        ),
        (error("ExpiredTokenException"), Expired, "the session has expired"),
        (error("UnrecognizedClientException"), NoCredentials, "not accepted"),
        (error("BadRequestException", "\x1b[2Jodd"), AwsError, "odd"),
        (
            error("NotFoundException", 'no {"stageName": "prod"} here') + "\n\n$ ls",
            NotFound,
            r'no \{"stageName": "prod"\} here$',
        ),
        (
            "Unable to locate credentials. You can configure credentials by running 'aws login'.",
            NoCredentials,
            "locate",
        ),
        ("Error when retrieving token from sso: Token has expired and refresh failed", Expired, "has expired"),
        ('Could not connect to the endpoint URL: "https://apigateway.x.amazonaws.com/"', Unreachable, "Could not"),
        ('Connect timeout on endpoint URL: "https://apigateway.x.amazonaws.com/"', TimedOut, "timeout"),
        ("aws: [ERROR]: You must specify a region.", NoCredentials, "region"),
    ],
)
def test_errors_are_those_of_a_live_call(paste: str, kind: type[AwsError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        stage(f"$ aws …\n{paste}")
    assert type(caught.value) is kind
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("word", ["", "  ", "skip", "Unsure", "n"])
def test_no_answer_tells_which_command_would_settle_it(word: str) -> None:
    with pytest.raises(Unanswered) as caught:
        stage(word)
    assert caught.value.command.startswith("aws apigateway get-stage")
    assert caught.value.reason == "no-data"


def test_nothing_was_printed() -> None:
    person = Person("nothing")
    call = ("lambda", "GetFunctionConcurrency")
    assert PastedAws(person).call(*call, FunctionName="shop") == {}
    assert person.wanted[0].may_be_empty
    answer, person = stage("nothing", json.dumps(STAGE))
    assert (answer, person.wanted[0].may_be_empty, person.refused[:9]) == (READ, False, "stageName")


def test_enough_is_enough() -> None:
    person = Person("enough")
    aws = PastedAws(person)
    for name in ("prod", "test"):
        with pytest.raises(Unanswered):
            aws.call("apigateway", "GetStage", restApiId="a1b2c3d4e5", stageName=name)
    with pytest.raises(Unanswered):
        aws.consented().request("GET", "https://example.com/")
    assert len(person.wanted) == 1


def test_the_same_command_is_asked_once_whoever_asks_and_errors_too() -> None:
    person = Person(json.dumps(STAGE), error("NotFoundException").replace("GetStage", "GetAccount"))
    aws = CachedAws(PastedAws(person, "eu-west-1"))
    with pytest.raises(NotFound):
        [aws.call("apigateway", "GetStage", **ASKED), aws.call("apigateway", "GetAccount")]
    got: list[Any] = []
    threads = [threading.Thread(target=lambda: got.append(aws.call("apigateway", "GetStage", **ASKED))) for _ in "123"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(NotFound):
        aws.call("apigateway", "GetAccount", region="eu-west-1")
    assert (got, len(person.wanted)) == ([READ] * 3, 2)


def log(*at: int, stream: str = "s", **more: str) -> str:
    return json.dumps({"events": [{"timestamp": t, "logStreamName": stream, "message": "m"} for t in at], **more})


def test_a_listing_that_was_cut_says_so() -> None:
    person = Person(log(15), log(16, NextToken="eyJ"))
    aws = PastedAws(person)
    whole = aws.pages("logs", "FilterLogEvents", limit=3, logGroupName="g", startTime=10, endTime=20)
    cut = aws.pages("logs", "FilterLogEvents", limit=2, logGroupName="g", startTime=10, endTime=20)
    assert [(page.truncated, page.items("events")[0]["timestamp"]) for page in (whole, cut)] == [
        (False, 15),
        (True, 16),
    ]
    assert [wanted.command.split("--max-items ")[1].split()[0] for wanted in person.wanted] == ["3000", "2000"]
    assert set(cut.pages[0]) == {"events"}


@pytest.mark.parametrize(
    ("service", "operation", "params", "wrong", "right", "said"),
    [
        (
            "logs",
            "FilterLogEvents",
            {"startTime": 10, "endTime": 20},
            log(99),
            log(12),
            "timestamp is 99; expected from",
        ),
        ("logs", "FilterLogEvents", {"logStreamNames": ["s"]}, log(1, stream="t"), log(1), "logStreamName is t"),
        (
            *("lambda", "GetFunctionConfiguration", {"FunctionName": FUNCTION, "Qualifier": "live"}),
            *('{"FunctionName": "other"}', '{"FunctionName": "shop"}', "FunctionName is other; expected shop"),
        ),
        (
            *("lambda", "GetPolicy", {"FunctionName": FUNCTION}),
            json.dumps({"Policy": json.dumps({"Resource": FUNCTION + "s"})}),
            json.dumps({"Policy": json.dumps({"Resource": FUNCTION})}),
            "Policy is shops; expected shop",
        ),
        (
            *("apigateway", "GetRestApi", {"restApiId": "abc"}),
            *('{"id": "xyz", "name": "shop"}', '{"id": "abc", "name": "shop"}', "id is xyz; expected abc"),
        ),
        (
            *("apigateway", "GetDeployment", {"restApiId": "abc", "deploymentId": "d1"}),
            *(
                '{"id": "abc", "name": "shop", "endpointConfiguration": {}}',
                '{"id": "d1"}',
                "the output of get-rest-api",
            ),
        ),
        (
            *("cloudwatch", "GetMetricData", {"MetricDataQueries": [{"Id": "count"}]}),
            *(
                '{"MetricDataResults": [{"Id": "x"}]}',
                '{"MetricDataResults": [{"Id": "count"}]}',
                "Id is x; expected count",
            ),
        ),
        (
            *("xray", "BatchGetTraces", {"TraceIds": ["1-a"]}),
            *('{"Traces": [{"Id": "1-b"}]}', '{"Traces": [{"Id": "1-a"}]}', "Id is 1-b; expected 1-a"),
        ),
        (
            *(
                "cloudtrail",
                "LookupEvents",
                {"LookupAttributes": [{"AttributeKey": "E", "AttributeValue": "apigateway"}]},
            ),
            *('{"Events": [{"EventSource": "lambda"}]}', '{"Events": [{"EventSource": "apigateway"}]}', "is lambda"),
        ),
    ],
)
def test_the_answer_to_another_question(
    service: str, operation: str, params: dict[str, Any], wrong: str, right: str, said: str
) -> None:
    person = Person(wrong, right)
    assert PastedAws(person).call(service, operation, **params) == json.loads(right)
    assert said in person.refused


INVOKE = {"restApiId": "a", "resourceId": "r", "httpMethod": "GET"}
EXPORT = {"openapi": "3.0.1", "servers": [{"url": "https://abc.execute-api.eu-west-1.amazonaws.com/prod"}]}
BESIDE = json.dumps({"contentType": "application/octet-stream", "contentDisposition": "attachment"}, indent=4)
ASKED_EXPORT = {"restApiId": "abc", "stageName": "prod", "exportType": "oas30", "accepts": "application/json"}


@pytest.mark.parametrize("beside", [BESIDE, ""])
def test_an_export_prints_its_body_and_then_the_answer(beside: str) -> None:
    person = Person(BESIDE, json.dumps(EXPORT).replace("abc", "xyz"), json.dumps(EXPORT) + beside)
    answer = PastedAws(person).call("apigateway", "GetExport", **ASKED_EXPORT)
    assert json.loads(answer["body"]) == EXPORT
    assert "begins with openapi" in person.wanted[1].refused
    assert "xyz; expected abc" in person.refused
    assert person.wanted[0].command.startswith("aws apigateway get-export /dev/stdout --rest-api-id abc ")
    assert person.wanted[0].command.endswith(" --output json | cat")  # so that it can be saved to a file


def test_only_what_reads_is_printed_unless_there_was_a_yes() -> None:
    person = Person(json.dumps({"status": 502, "log": "l"}), json.dumps({"status": 200, "log": "l"}))
    aws = PastedAws(person, "eu-west-1")
    for service, operation in (
        ("apigateway", "TestInvokeMethod"),
        ("lambda", "DeleteFunction"),
        ("logs", "StartQuery"),
    ):
        with pytest.raises(Forbidden):
            aws.call(service, operation, **INVOKE)
    with pytest.raises(Forbidden):
        aws.request("GET", "https://example.com/")
    assert person.wanted == []
    assert [aws.consented().call("apigateway", "TestInvokeMethod", **INVOKE)["status"] for _ in "12"] == [502, 200]
    assert all(wanted.runs for wanted in person.wanted)


HTTP = (
    "HTTP/1.1 100 Continue\n\nHTTP/2 502 \nX-Amzn-ErrorType: InternalServerErrorException\nvia: a\nVia: b\n\n{body}\n"
)


def test_a_real_request_is_a_curl_line() -> None:
    person = Person("{}", HTTP.replace("{body}", '{"message": "Internal server error"}') + "took 1,250000 s\n")
    url = "https://a.example.com/x?y='$(z)&[1]"
    answer = PastedAws(person).consented().request("GET", url, timeout_s=35.0)
    assert (answer.status, answer.body, answer.took_ms) == (502, '{"message": "Internal server error"}', 1250)
    assert answer.headers == {"x-amzn-errortype": "InternalServerErrorException", "via": "a, b"}
    assert shlex.split(person.wanted[0].command) == [
        *("curl", "-sS", "-g", "-i", "-X", "GET", "-m", "35", "-w", r"\ntook %{time_total} s\n", "--url", url)
    ]
    assert "no HTTP answer" in person.refused


@pytest.mark.parametrize(
    ("paste", "kind"),
    [
        ("curl: (28) Operation timed out after 35001 milliseconds", TimedOut),
        ("curl: (6) Could not resolve host: a.example.com", Unreachable),
    ],
)
def test_a_request_without_an_answer(paste: str, kind: type[AwsError]) -> None:
    with pytest.raises(kind, match=r"curl: \w+"):
        PastedAws(Person(paste)).consented().request("HEAD", "https://a.example.com/")


def test_a_paste_is_whole_when_its_json_is() -> None:
    text = json.dumps(STAGE, indent=4)
    assert [
        is_whole(part) for part in (text, text[:-1], "", "An error occurred (X) when calling the Y operation: z")
    ] == [*(True, False, False, True)]


def test_an_export_is_whole_with_what_stands_beside_it() -> None:
    printed = json.dumps(EXPORT) + BESIDE
    assert is_whole(printed)
    assert not any(is_whole(printed[:-end]) for end in range(1, len(BESIDE)))


def test_policies_are_read_as_the_cli_prints_them_and_a_template_may_be_null() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    role = {"Role": {"RoleName": "calls", "Arn": "arn:aws:iam::123456789012:role/calls"}}
    role["Role"]["AssumeRolePolicyDocument"] = document  # type: ignore[assignment]  # what botocore makes of the text
    person = Person(json.dumps(role))
    assert PastedAws(person, "eu-west-1").call("iam", "GetRole", RoleName="calls") == role
    mock = {"id": "r1", "path": "/", "resourceMethods": {"GET": {"methodIntegration": {"type": "MOCK"}}}}
    mock["resourceMethods"]["GET"]["methodIntegration"]["requestTemplates"] = {"application/json": None}  # type: ignore[index]
    person = Person(json.dumps({"items": [mock]}))
    pages = PastedAws(person, "eu-west-1").pages("apigateway", "GetResources", restApiId="a1b2c3d4e5")
    assert pages.items("items") == [mock]


def test_names_are_looked_up_from_here_and_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.aws.network.ask", lambda service, operation, params: {"asked": [service, dict(params)]})
    person = Person()
    found = PastedAws(person).call("dns", "Lookup", name="shop.example.com")
    assert found == {"asked": ["dns", {"name": "shop.example.com"}]}
    assert person.wanted == []
