"""Templates, parameter mappings, content handling and response tables, as the gateway runs and logs them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import Bench, Reply, lambda_uri
from wizard.sandbox.gateway import vtl
from wizard.sandbox.gateway.variables import Input, Util

CONFIGURATION = "Execution failed due to configuration error: "
CANNOT_REQUEST = CONFIGURATION + "Unable to transform request"
CANNOT_RESPONSE = CONFIGURATION + "Unable to transform response"
NOT_BASE64 = CONFIGURATION + "Unable to base64 decode the body."
ECHO = "def handler(event, context):\n    return event\n"
JSON = {"Content-Type": "application/json"}


def row(bench: Bench, path: str, status: str = "200", headers: dict[str, bool] | None = None, **more: Any) -> None:
    """A method response and an integration response of the POST method of a path."""
    where = {"restApiId": bench.api_id, "resourceId": bench.resource(path), "httpMethod": "POST"}
    declared = {f"method.response.header.{name}": required for name, required in (headers or {}).items()}
    gateway = bench.aws("apigateway")
    gateway.put_method_response(**where, statusCode=status, responseParameters=declared)
    gateway.put_integration_response(**where, statusCode=status, **more)


def mapped(bench: Bench, template: str | None = None, response: str = "", path: str = "/m", **integration: Any) -> None:
    """POST to a path with a Lambda integration that is no proxy: ECHO unless another function stands there."""
    templates = {} if template is None else {"requestTemplates": {"application/json": template}}
    bench.method(path, verb="POST", **{"type": "AWS", "uri": lambda_uri("thing"), **templates, **integration})
    row(bench, path, **({"responseTemplates": {"application/json": response}} if response else {}))


@pytest.fixture
def echo(bench: Bench) -> Bench:
    bench.function(ECHO)
    bench.permit()
    return bench


def post(bench: Bench, body: object = None, path: str = "/m", **headers: str) -> Reply:
    sent = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
    return bench.get(path, "POST", sent, **{**JSON, **headers})


def failure(bench: Bench) -> str:
    """The line before ``Method completed``."""
    return bench.execution_log()[-2]


# -- request templates -----------------------------------------------------------------------------------------


def test_a_request_template_shapes_the_event(echo: Bench) -> None:
    template = """#set($root = $input.path('$'))
    {"id": "$input.params('id')", "all": $input.json('$'), "name": "$root.user.name", "stage": "$context.stage",
     "var": "$stageVariables.colour", "q": "$util.urlEncode($input.params('q'))", "verb": "$context.httpMethod",
     "agent": "$util.escapeJavaScript($context.identity.userAgent)", "missing": "$root.nothing.here$!root.x",
     "items": [#foreach($item in $root.items)$item.n#if($foreach.hasNext),#end#end]}"""
    mapped(echo, template, path="/m/{id}")
    echo.deploy(colour="green")
    body = {"user": {"name": "Ann"}, "items": [{"n": 1}, {"n": 2}]}
    reply = post(echo, body, "/m/7?q=a%20b%26", **{"User-Agent": 'some "agent"/1'})
    assert reply.status == 200
    event = json.loads(reply.body)
    assert event["agent"] == 'some "agent"/1'
    assert (event["id"], event["all"], event["name"], event["items"]) == ("7", body, "Ann", [1, 2])
    assert (event["stage"], event["var"], event["q"], event["verb"]) == ("prod", "green", "a+b%26", "POST")
    assert event["missing"] == ""


def test_escaped_single_quotes_are_no_json(echo: Bench) -> None:
    mapped(echo, """{"name": "$util.escapeJavaScript($input.params('name'))"}""")
    echo.deploy()
    assert post(echo, {}, "/m?name=Ann").status == 200
    assert post(echo, {}, "/m?name=O%27Neil").status == 500
    assert failure(echo).startswith(CONFIGURATION + "Could not parse request body into json: ")
    assert "Lambda invocation failed with status: 400. Lambda request id: " in echo.execution_log()[-3]


@pytest.mark.parametrize(
    ("template", "body"),
    [
        ("#set($x = )", {}),
        ("#if($input.path('$.a'))", {}),
        ('$util.parseJson("nonsense")', {}),
        ("$util.parseJson($input.path('$.text'))", {"text": "{not json"}),
        ("[#foreach($i in $input.path('$.items'))1#end]", {"items": list(range(1001))}),
        ("$util.base64Decode('%%%')", {}),
        ("$input.path('$.[[')", {"a": 1}),
        ("$input.__class__.__mro__", {}),
    ],
)
def test_a_failing_request_template_is_500(echo: Bench, template: str, body: Any) -> None:
    mapped(echo, template)
    echo.deploy()
    reply = post(echo, body)
    assert (reply.status, reply.message) == (500, "Internal server error")
    assert reply.headers["x-amzn-ErrorType"] == "InternalServerErrorException"
    assert failure(echo) == CANNOT_REQUEST
    assert not any("START" in line for line in echo.function_log())


def test_a_thousand_rounds_are_allowed(echo: Bench) -> None:
    mapped(echo, "[#foreach($i in $input.path('$.items'))$i#if($foreach.hasNext),#end#end]")
    echo.deploy()
    assert json.loads(post(echo, {"items": list(range(1000))}).body) == list(range(1000))


# Recorded from the service: LocalStack's AWS-validated tests test_input_path_template_formatting and
# test_input_body_formatting.
FORMATS = [
    ('#set($r = $input.path("$.json"))$r', {"json": {"foo": "bar"}}, "{foo=bar}"),
    ('#set($r = $input.path("$.json"))$r', {"json": [{"foo": "bar"}]}, '[{"foo":"bar"}]'),
    ('#set($r = $input.path("$.json"))$r.nested', {"json": {"nested": {"foo": "bar"}}}, "{foo=bar}"),
    ('#set($r = $input.path("$.json"))$r[0]', {"json": [{"foo": "bar"}]}, "{foo=bar}"),
    ('#set($r = $input.path("$.json"))$r', {"json": {"foo": [{"nested": "bar"}]}}, '{foo=[{"nested":"bar"}]}'),
    ('#set($r = $input.path("$.json"))$r.toString()', {"json": {"list": [{"foo": "bar"}]}}, '{list=[{"foo":"bar"}]}'),
    (
        '#set($r = $input.path("$.none"))<$r|$r.nested|#if($r == $null)null#end|#if($r == "")empty#end>',
        {"json": 1},
        "<||null|empty>",
    ),
    ("#set($r = $input.body)$r", "", "{}"),
    ("Body=$util.urlEncode($input.body)&No=$util.urlEncode($input.body.x)", "", "Body=%7B%7D&No="),
    ("Body=$util.urlEncode($input.body)", '{"some": "value"}', "Body=%7B%22some%22%3A+%22value%22%7D"),
]


@pytest.mark.parametrize(("template", "body", "shown"), FORMATS)
def test_values_print_as_the_service_prints_them(template: str, body: Any, shown: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    assert vtl.render(template, {"input": Input(text, {}, (), ()), "util": Util()}) == shown


# -- which template ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "templates", "kind", "status"),
    [
        ("WHEN_NO_MATCH", {"application/xml": "{}"}, "application/json", 200),
        ("WHEN_NO_TEMPLATES", {"application/xml": "{}"}, "application/json", 415),
        ("WHEN_NO_TEMPLATES", {}, "application/json", 200),
        ("WHEN_NO_TEMPLATES", {"application/json": "{}"}, "application/json; charset=utf-8", 200),
        ("NEVER", {}, "application/json", 415),
        ("NEVER", {"application/json": "{}"}, "text/plain", 415),
        ("NEVER", {"application/json": "{}"}, "application/json", 200),
    ],
)
def test_a_body_without_a_template_is_passed_or_refused(
    echo: Bench, behaviour: str, templates: dict[str, str], kind: str, status: int
) -> None:
    mapped(echo, requestTemplates=templates, passthroughBehavior=behaviour)
    echo.deploy()
    reply = post(echo, {"a": 1}, **{"Content-Type": kind})
    assert reply.status == status
    if status == 415:
        assert (reply.message, reply.headers["x-amzn-ErrorType"]) == ("Unsupported Media Type", "BadRequestException")


# -- mock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ('{"statusCode": 200}', 200),
        ("{statusCode: 200}", 200),
        ("{'statusCode': 204, 'x': 1}", 204),
        ("#if($input.params('fail'))" + '{"statusCode": 503}#else{"statusCode": 200}#end', 200),
        ('{"statusCode": "200"}', 500),
        ('{"statusCode": 302}', 302),
        ("{}", 500),
        ("ok", 500),
    ],
)
def test_a_mock_answers_with_the_status_of_its_template(bench: Bench, template: str, status: int) -> None:
    bench.method("/m", verb="POST", type="MOCK", requestTemplates={"application/json": template})
    row(bench, "/m")
    row(bench, "/m", "204", selectionPattern="204")
    row(bench, "/m", "302", selectionPattern=r"3\d{2}")
    bench.deploy()
    assert post(bench, {}).status == status
    if status == 500:
        assert failure(bench).startswith(CONFIGURATION + "Unable to parse statusCode. It should be an integer")


def test_a_mock_without_a_template_for_the_content_type_has_no_status(bench: Bench) -> None:
    bench.method("/m", verb="POST", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    row(bench, "/m")
    bench.deploy()
    assert post(bench, {}).status == 200
    assert post(bench, "x=1", **{"Content-Type": "application/x-www-form-urlencoded"}).status == 500
    assert "Unable to parse statusCode" in failure(bench)


def test_every_type_binary_breaks_the_mock_until_its_body_is_made_text(bench: Bench) -> None:
    bench.aws("apigateway").update_rest_api(
        restApiId=bench.api_id, patchOperations=[{"op": "add", "path": "/binaryMediaTypes/*~1*"}]
    )
    bench.method("/m", verb="OPTIONS", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway = bench.aws("apigateway")
    where = {"restApiId": bench.api_id, "resourceId": bench.resource("/m"), "httpMethod": "OPTIONS"}
    origin = "method.response.header.Access-Control-Allow-Origin"
    gateway.put_method_response(**where, statusCode="200", responseParameters={origin: False})
    gateway.put_integration_response(**where, statusCode="200", responseParameters={origin: "'*'"})
    bench.deploy()
    assert bench.get("/m", "OPTIONS").status == 500
    assert failure(bench) == CANNOT_REQUEST
    assert "Method request body before transformations: [Binary Data]" in bench.execution_log()
    assert gateway.test_invoke_method(**where)["status"] == 200
    text = [{"op": "replace", "path": "/contentHandling", "value": "CONVERT_TO_TEXT"}]
    gateway.update_integration(**where, patchOperations=text)
    bench.deploy()
    reply = bench.get("/m", "OPTIONS")
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")


# -- content handling --------------------------------------------------------------------------------------------


def test_text_is_decoded_for_a_binary_backend_or_refused(bench: Bench) -> None:
    bench.method("/m", verb="POST", type="HTTP", uri=f"{bench.endpoint}/_sandbox/health",
                 contentHandling="CONVERT_TO_BINARY")  # fmt: skip
    row(bench, "/m")
    bench.deploy()
    assert post(bench, "aGk=", **{"Content-Type": "text/plain"}).status == 200
    assert "Endpoint request body after transformations: [Binary Data]" in bench.execution_log()
    assert post(bench, "not base64!", **{"Content-Type": "text/plain"}).status == 500
    assert failure(bench) == NOT_BASE64


def test_binary_data_reaches_a_function_as_text_only(echo: Bench) -> None:
    echo.aws("apigateway").update_rest_api(
        restApiId=echo.api_id, patchOperations=[{"op": "add", "path": "/binaryMediaTypes/image~1png"}]
    )
    mapped(echo)
    png = '{"image": "$input.body"}'
    mapped(echo, path="/t", contentHandling="CONVERT_TO_TEXT", requestTemplates={"image/png": png})
    echo.deploy()
    assert post(echo, b"\x89PNG", **{"Content-Type": "image/png"}).status == 500
    assert failure(echo) == CANNOT_REQUEST
    assert post(echo, {"a": 1}).status == 200
    assert json.loads(post(echo, b"\x89PNG", "/t", **{"Content-Type": "image/png"}).body) == {"image": "iVBORw=="}


def test_a_text_answer_for_a_client_that_wants_binary_has_to_be_base64(bench: Bench) -> None:
    bench.aws("apigateway").update_rest_api(
        restApiId=bench.api_id, patchOperations=[{"op": "add", "path": "/binaryMediaTypes/image~1png"}]
    )
    bench.function("def handler(event, context):\n    return event['give']\n")
    bench.permit()
    mapped(bench)
    mapped(bench, path="/text")
    row(bench, "/text", contentHandling="CONVERT_TO_TEXT")
    bench.deploy()
    assert post(bench, {"give": {"a": 1}}, Accept="application/json").status == 200
    assert post(bench, {"give": {"a": 1}}, Accept="image/png").status == 500
    assert failure(bench) == NOT_BASE64
    assert post(bench, {"give": {"a": 1}}, "/text", Accept="image/png").status == 200


# -- parameters --------------------------------------------------------------------------------------------------


def _declare(bench: Bench, *names: str, path: str = "/m") -> None:
    """The request parameters that a method knows; its integration goes."""
    where = {"restApiId": bench.api_id, "resourceId": bench.resource(path), "httpMethod": "POST"}
    gateway = bench.aws("apigateway")
    gateway.put_method(
        **where, authorizationType="NONE", requestParameters={f"method.request.{name}": False for name in names}
    )


def test_parameters_are_mapped_from_everywhere(bench: Bench) -> None:
    _declare(bench, "header.X-In", "querystring.q", "path.id", path="/m/{id}")
    where = {"restApiId": bench.api_id, "resourceId": bench.resources["/m/{id}"], "httpMethod": "POST"}
    bench.aws("apigateway").put_integration(
        **where, type="HTTP", integrationHttpMethod="GET", uri=f"{bench.endpoint}/_sandbox/{{what}}",
        requestParameters={
            "integration.request.path.what": "stageVariables.page",
            "integration.request.header.X-Out": "method.request.header.X-In",
            "integration.request.header.X-Stage": "context.stage",
            "integration.request.header.X-Fixed": "'fixed'",
            "integration.request.header.X-Name": "method.request.body.user.name",
            "integration.request.header.X-None": "method.request.body.nothing",
            "integration.request.querystring.id": "method.request.path.id",
            "integration.request.querystring.many": "method.request.multivaluequerystring.q",
        },
    )  # fmt: skip
    row(bench, "/m/{id}")
    bench.deploy(page="health")
    reply = post(bench, {"user": {"name": "Ann"}}, "/m/7?q=1&q=2", **{"X-In": "in"})
    assert reply.status == 200
    log = bench.execution_log()
    assert f"Endpoint request URI: {bench.endpoint}/_sandbox/health?id=7&many=1&many=2" in log
    headers = next(line for line in log if line.startswith("Endpoint request headers: "))
    for header in ("X-Out=in", "X-Stage=prod", "X-Fixed=fixed", "X-Name=Ann"):
        assert header in headers
    assert "X-None" not in headers
    bad = post(bench, "{broken", "/m/7", **{"X-In": "in"})
    assert (bad.status, bad.message) == (400, "Invalid JSON in request body")


@pytest.mark.parametrize(
    ("kind", "header", "status"),
    [
        ("AWS", "Content-Length", 500),
        ("AWS_PROXY", "Authorization", 500),
        ("AWS", "TE", 500),
        ("AWS", "X-Fine", 200),
        ("HTTP", "Transfer-Encoding", 500),
        ("HTTP_PROXY", "X-Amzn-Trace-Id", 500),
        ("HTTP", "Authorization", 200),
    ],
)
def test_headers_of_the_gateway_may_not_be_mapped(bench: Bench, kind: str, header: str, status: int) -> None:
    bench.function("def handler(event, context):\n    return {'statusCode': 200}\n")
    bench.permit()
    uri = f"{bench.endpoint}/_sandbox/health" if kind.startswith("HTTP") else lambda_uri("thing")
    bench.method("/m", verb="POST", type=kind, uri=uri, integrationHttpMethod="POST" if "AWS" in kind else "GET",
                 requestParameters={f"integration.request.header.{header}": "'x'"})  # fmt: skip
    row(bench, "/m")
    bench.deploy()
    assert post(bench, {}).status == status
    if status == 500:
        assert failure(bench) == f"{CONFIGURATION}{header} header already present"


def test_overrides_change_the_backend_request_and_the_answer_once_each(bench: Bench) -> None:
    template = (
        '#set($context.requestOverride.path.what = "health")#set($context.requestOverride.querystring.a = "b c")'
        '#set($context.requestOverride.header.X-Set = "1")#set($context.responseOverride.status = 202){}'
    )
    bench.method("/m", verb="POST", type="HTTP", uri=f"{bench.endpoint}/_sandbox/{{what}}",
                 integrationHttpMethod="GET", requestTemplates={"application/json": template})  # fmt: skip
    row(bench, "/m", responseTemplates={
        "application/json": '#set($context.responseOverride.header.X-Made = "yes"){"up": $input.json("$.status")}'
    })  # fmt: skip
    bench.deploy()
    reply = post(bench, {})
    assert (reply.status, reply.headers["X-Made"], json.loads(reply.body)) == (202, "yes", {"up": "ok"})
    assert f"Endpoint request URI: {bench.endpoint}/_sandbox/health?a=b+c" in bench.execution_log()


@pytest.mark.parametrize("what", ["requestOverride.header.x", "responseOverride.status", "responseOverride.header.x"])
def test_an_override_made_twice_is_500(echo: Bench, what: str) -> None:
    mapped(echo, f"#set($context.{what} = 201)#set($context.{what} = 202)" + "{}")
    echo.deploy()
    assert post(echo, {}).status == 500
    assert failure(echo) == CANNOT_REQUEST


# -- responses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "message", "status"),
    [
        ({"200": "", "400": "bad.*", "500": "worse.*"}, "bad thing", 400),
        ({"200": "", "400": "bad.*"}, "fine thing", 200),
        ({"200": "", "400": "bad"}, "bad thing", 200),
        ({"200": "", "400": ".*bad.*"}, "line\nbad", 200),
        ({"200": "", "400": r"(.|\n)*bad(.|\n)*"}, "line\nbad", 400),
        ({"200": "", "400": "(unclosed"}, "bad", 200),
        ({"400": "bad.*"}, "other", 500),
    ],
)
def test_patterns_are_tried_on_the_error_message(
    bench: Bench, patterns: dict[str, str], message: str, status: int
) -> None:
    bench.function("def handler(event, context):\n    raise ValueError(event['say'])\n")
    bench.permit()
    bench.method("/m", verb="POST", type="AWS", uri=lambda_uri("thing"))
    for code, pattern in patterns.items():
        row(bench, "/m", code, selectionPattern=pattern)
    bench.deploy()
    assert post(bench, {"say": message}).status == status
    if status == 500:
        assert failure(bench) == (
            f"{CONFIGURATION}No match for output mapping and no default output mapping configured. "
            "Endpoint Response Status Code: 200"
        )


def test_an_undeclared_status_is_an_invalid_method_response(echo: Bench) -> None:
    mapped(echo)
    where = {"restApiId": echo.api_id, "resourceId": echo.resources["/m"], "httpMethod": "POST"}
    echo.aws("apigateway").delete_method_response(**where, statusCode="200")
    echo.deploy()
    assert post(echo, {}).status == 500
    assert failure(echo) == CONFIGURATION + "Output mapping refers to an invalid method response: 200"


def test_response_headers_come_from_the_backend_and_have_to_be_declared(echo: Bench) -> None:
    mapped(echo)
    row(echo, "/m", headers={"X-Kind": False, "X-Id": False, "X-Stage": False}, responseParameters={
        "method.response.header.X-Kind": "integration.response.header.Content-Type",
        "method.response.header.X-Id": "integration.response.body.id",
        "method.response.header.X-Stage": "context.stage",
    })  # fmt: skip
    echo.deploy()
    reply = post(echo, {"id": 7})
    shown = (reply.headers["X-Kind"], reply.headers["X-Id"], reply.headers["X-Stage"])
    assert shown == ("application/json", "7", "prod")
    gateway = echo.aws("apigateway")
    where = {"restApiId": echo.api_id, "resourceId": echo.resources["/m"], "httpMethod": "POST", "statusCode": "200"}
    gone = [{"op": "remove", "path": "/responseParameters/method.response.header.X-Id"}]
    gateway.update_method_response(**where, patchOperations=gone)
    echo.deploy()
    assert post(echo, {"id": 7}).status == 500
    assert failure(echo) == (
        f"{CONFIGURATION}Invalid mapping expression specified: Validation Result: warnings : [], errors : "
        "[Invalid mapping expression parameter specified: method.response.header.X-Id]"
    )


def test_a_failing_response_template_is_500(echo: Bench) -> None:
    mapped(echo, response="#if($input.path('$.a')) {")
    echo.deploy()
    assert post(echo, {}).status == 500
    assert failure(echo) == CANNOT_RESPONSE
    fixed = [{"op": "replace", "path": "/responseTemplates/application~1json", "value": '{"b": $input.json("$.a")}'}]
    where = {"restApiId": echo.api_id, "resourceId": echo.resources["/m"], "httpMethod": "POST", "statusCode": "200"}
    echo.aws("apigateway").update_integration_response(**where, patchOperations=fixed)
    echo.deploy()
    assert json.loads(post(echo, {"a": [1]}).body) == {"b": [1]}


# -- configuration -----------------------------------------------------------------------------------------------


def test_the_stage_runs_the_mappings_it_was_deployed_with(echo: Bench) -> None:
    mapped(echo, '{"v": 1}')
    row(echo, "/m", headers={"X-A": False}, responseParameters={"method.response.header.X-A": "'a'"},
        contentHandling="CONVERT_TO_TEXT")  # fmt: skip
    echo.deploy()
    gateway = echo.aws("apigateway")
    where = {"restApiId": echo.api_id, "resourceId": echo.resources["/m"], "httpMethod": "POST"}
    broken = [{"op": "replace", "path": "/requestTemplates/application~1json", "value": "#if("}]
    gateway.update_integration(**where, patchOperations=broken)
    assert json.loads(post(echo, {}).body) == {"v": 1}
    tested = gateway.test_invoke_method(**where, body="{}")
    assert tested["status"] == 500
    assert CANNOT_REQUEST in tested["log"]
    export = gateway.get_export(
        restApiId=echo.api_id, stageName="prod", exportType="oas30", parameters={"extensions": "apigateway"}
    )
    operation = json.loads(export["body"].read())["paths"]["/m"]["post"]
    assert operation["responses"]["200"]["headers"] == {"X-A": {"schema": {"type": "string"}}}
    extension = operation["x-amazon-apigateway-integration"]
    assert extension["requestTemplates"] == {"application/json": '{"v": 1}'}
    assert extension["responses"]["default"] == {
        "statusCode": "200", "responseParameters": {"method.response.header.X-A": "'a'"},
        "contentHandling": "CONVERT_TO_TEXT",
    }  # fmt: skip


def test_mappings_of_undeclared_parameters_are_refused_when_put(bench: Bench) -> None:
    gateway = bench.aws("apigateway")
    with pytest.raises(gateway.exceptions.BadRequestException, match=r"specified: method\.request\.header\.X\]"):
        bench.method("/m", verb="POST", type="HTTP", uri="http://localhost/", integrationHttpMethod="GET",
                     requestParameters={"integration.request.header.X": "method.request.header.X"})  # fmt: skip
    bench.method("/n", verb="POST", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    with pytest.raises(gateway.exceptions.BadRequestException, match=r"specified: method\.response\.header\.Y\]"):
        row(bench, "/n", responseParameters={"method.response.header.Y": "'y'"})
