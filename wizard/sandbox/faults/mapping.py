"""Faults of the mapping between client and backend: templates, parameters, content handling, response tables."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.faults import fault
from wizard.sandbox.world import World

_REQUEST, _RESPONSE = "request-mapping", "response-mapping"
_PLAIN, _MOCK, _HTTP = ("non-proxy",), ("mock-cors",), ("http-backend",)
_JSON = "/requestTemplates/application~1json"
_ANSWER = "/responseTemplates/application~1json"
_EVENT = """{
  "httpMethod": "GET",
  "path": "/orders/$input.params('id')",
  "pathParameters": {"id": "$input.params('id')"},
  "body": ""
}"""


@fault("request-template-error", _REQUEST, "A request template lost a closing parenthesis", needs=_PLAIN)
def broken_template(world: World) -> None:
    _request_template(world, "#set($id = $input.params('id')\n" + _EVENT)


@fault("request-template-error.body", _REQUEST, "A request template parses a body that is no JSON", needs=_PLAIN)
def form_as_json(world: World) -> None:
    world.body = b"fields=status,total"
    _request_template(world, "#set($filter = $util.parseJson($input.body))\n" + _EVENT)


@fault("binary-media-types-break-mock", _REQUEST, "All bodies are binary since pictures are served", needs=_MOCK)
def everything_binary(world: World) -> None:
    _patch_api(world, "add", "/binaryMediaTypes/*~1*")
    world.deploy("Pictures of the goods")


@fault("mock-statuscode-missing", _REQUEST, "The mock's template gives status in place of statusCode", needs=_MOCK)
def mock_without_status(world: World) -> None:
    _request_template(world, '{"status": 200}')


@fault("mock-statuscode-missing.type", _REQUEST, "The mock has a template for text/plain only", needs=_MOCK)
def mock_of_another_type(world: World) -> None:
    _patch_integration(world, ("remove", _JSON, None), ("add", "/requestTemplates/text~1plain", '{"statusCode": 200}'))
    world.deploy("Text in, orders out")


@fault("request-header-override-illegal", _REQUEST, "The integration sets Content-Length itself", needs=_HTTP)
def own_content_length(world: World) -> None:
    _patch_integration(world, ("add", "/requestParameters/integration.request.header.Content-Length", "'0'"))
    world.deploy("The warehouse wants a length")


@fault(
    "request-header-override-illegal.authorization", _REQUEST, "Lambda is sent an Authorization header", needs=_PLAIN
)
def own_authorization(world: World) -> None:
    _patch_integration(world, ("add", "/requestParameters/integration.request.header.Authorization", "'Bearer shop'"))
    world.deploy("Tell the function who asks")


@fault("parameter-overridden-twice", _REQUEST, "A request template sets one header twice", needs=_PLAIN)
def overridden_twice(world: World) -> None:
    sets = [f"#set($context.requestOverride.header.X-Shop = '{name}')\n" for name in ("north", "south")]
    _request_template(world, "".join(sets) + _EVENT)


@fault("parameter-overridden-twice.response", _REQUEST, "A response template sets the status twice", needs=_PLAIN)
def status_overridden_twice(world: World) -> None:
    _response_template(world, "#set($context.responseOverride.status = 200)\n" * 2 + "$input.path('$').body")


@fault(
    "request-base64-conversion-failed", _REQUEST, "Bodies are decoded from base64 and clients send JSON", needs=_HTTP
)
def request_to_binary(world: World) -> None:
    _patch_integration(world, ("replace", "/contentHandling", "CONVERT_TO_BINARY"))
    world.body = b'{"fields": ["status", "total"]}'
    world.deploy("The warehouse takes binary data")


@fault("passthrough-never-no-template", _REQUEST, "Nothing is passed through and no template is left", needs=_PLAIN)
def nothing_passes(world: World) -> None:
    _patch_integration(world, ("remove", _JSON, None), ("replace", "/passthroughBehavior", "NEVER"))
    world.deploy("No template needed any more")


@fault("foreach-iteration-limit", _REQUEST, "A request template counts to 1,500", needs=_PLAIN)
def endless_loop(world: World) -> None:
    _request_template(world, "#set($pages = 0)\n#foreach($page in [1..1500])#set($pages = $page)#end\n" + _EVENT)


@fault(
    "request-template-field-missing", _REQUEST, "A request template asks for a parameter of another name", needs=_PLAIN
)
def misnamed_parameter(world: World) -> None:
    _request_template(world, _EVENT.replace("\"$input.params('id')\"}", "$input.params('orderId')}"))


@fault("response-no-match-selection-pattern", _RESPONSE, "The default integration response is gone", needs=_PLAIN)
def no_default_row(world: World) -> None:
    world.client("apigateway").delete_integration_response(**world.at(), statusCode="200")
    world.deploy("Tidy up the responses")


@fault(
    "response-no-match-selection-pattern.status", _RESPONSE, "Only 201 and 404 of the backend are mapped", needs=_HTTP
)
def wrong_pattern(world: World) -> None:
    world.client("apigateway").put_integration_response(**world.at(), statusCode="200", selectionPattern="201")
    world.deploy("Map the warehouse's answers")


@fault("response-invalid-method-response", _RESPONSE, "The method declares no response 200 any more", needs=_PLAIN)
def undeclared_status(world: World) -> None:
    world.client("apigateway").delete_method_response(**world.at(), statusCode="200")
    world.deploy("Tidy up the responses")


@fault("response-template-error", _RESPONSE, "A response template has an #if without an #end", needs=_PLAIN)
def broken_answer(world: World) -> None:
    _response_template(world, "#set($answer = $input.path('$'))\n#if($answer.body)\n$answer.body\n")


@fault("response-template-error.answer", _RESPONSE, "A response template parses what the answer lacks", needs=_PLAIN)
def unexpected_answer(world: World) -> None:
    _response_template(world, "#set($order = $util.parseJson($input.path('$.order')))\n$order.id")


@fault("response-base64-conversion-failed", _RESPONSE, "JSON answers are decoded from base64", needs=_PLAIN)
def response_to_binary(world: World) -> None:
    _patch_row(world, ("replace", "/contentHandling", "CONVERT_TO_BINARY"))
    world.deploy("Pictures of the goods")


@fault("response-header-mapping-invalid", _RESPONSE, "A header is mapped and no longer declared", needs=_PLAIN)
def undeclared_header(world: World) -> None:
    gateway, header = world.client("apigateway"), "method.response.header.Cache-Control"
    declared = [{"op": "add", "path": f"/responseParameters/{header}", "value": "false"}]
    gateway.update_method_response(**world.at(), statusCode="200", patchOperations=declared)
    _patch_row(world, ("add", f"/responseParameters/{header}", "'no-store'"))
    gone = [{"op": "remove", "path": f"/responseParameters/{header}"}]
    gateway.update_method_response(**world.at(), statusCode="200", patchOperations=gone)
    world.deploy("Orders are not cached")


@fault("gateway-response-template-broken", _RESPONSE, "Clients that send too little are told 500")
def disguised_client_error(world: World) -> None:
    gateway = world.client("apigateway")
    made = gateway.create_request_validator(restApiId=world.api_id, name="parameters", validateRequestParameters=True)
    world.patch_method(
        {"/requestValidatorId": made["id"], "/requestParameters/method.request.header.X-Customer": "true"}
    )
    gateway.put_gateway_response(restApiId=world.api_id, responseType="DEFAULT_4XX", statusCode="500")
    world.deploy("Know every customer")


def _request_template(world: World, template: str) -> None:
    _patch_integration(world, ("replace", _JSON, template))
    world.deploy("New request template")


def _response_template(world: World, template: str) -> None:
    _patch_row(world, ("replace", _ANSWER, template))
    world.deploy("New response template")


def _patch_integration(world: World, *operations: tuple[str, str, str | None]) -> None:
    world.client("apigateway").update_integration(**world.at(), patchOperations=_operations(operations))


def _patch_row(world: World, *operations: tuple[str, str, str | None]) -> None:
    """Change the default row of the response table."""
    gateway = world.client("apigateway")
    gateway.update_integration_response(**world.at(), statusCode="200", patchOperations=_operations(operations))


def _patch_api(world: World, op: str, path: str) -> None:
    world.client("apigateway").update_rest_api(restApiId=world.api_id, patchOperations=[{"op": op, "path": path}])


def _operations(operations: tuple[tuple[str, str, str | None], ...]) -> list[dict[str, Any]]:
    return [
        {"op": op, "path": path, **({"value": value} if value is not None else {})} for op, path, value in operations
    ]
