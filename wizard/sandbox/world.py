"""The healthy shop API that every scenario starts from, and the everyday changes people make to it.

A REST API ``shop`` with a Regional endpoint: /orders and /orders/{id} run the function shop-orders through
stage variables for its name and alias, /products runs shop-products, /health is a mock.
"""

from __future__ import annotations

import io
import json
import re
import urllib.request
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from wizard.sandbox.clients import client

ACCOUNT = "123456789012"
REGION = "us-east-1"
STAGE = "prod"
METHOD, RESOURCE, PATH = "GET", "/orders/{id}", "/orders/42"
FUNCTION, PRODUCTS_FUNCTION, ALIAS, TABLE = "shop-orders", "shop-products", "live", "shop-orders"
ROLE, GATEWAY_ROLE, ROLE_POLICY = "shop-orders-role", "apigateway-cloudwatch-role", "shop-orders-access"
NAME_VARIABLE, ALIAS_VARIABLE = "ordersFunction", "ordersAlias"
ORDERS_GRANT = "*/*/orders*"
RUNTIME = "python3.11"
ACCESS_LOG = "shop-access"

_SOURCES = Path(__file__).parent / "functions_src"
_REGION_IN_URI = re.compile(r"(?<=:)[a-z]{2}-[a-z]+-\d(?=:)")
_NAME_IN_URI = re.compile(r"(?<=:function:)[^:/]+")

Edit = tuple[str, str]
"""A change to a function's source: the text that goes and the text that takes its place."""


@dataclass
class World:
    """The shop as it stands in the sandbox; its methods change it the way its owners would.

    ``resource`` and ``method`` are what serves the target request (a furnishing may serve it by ``{proxy+}`` and ANY),
    ``headers``, ``host`` and ``body`` are what the shop's customers send to it, ``made`` has the ids of what
    furnishings made, by name; ``orders_grant`` is what API Gateway may call of the orders, ``edits`` and
    ``function_settings`` are what every healthy release of shop-orders has besides its source and usual settings.
    """

    endpoint_url: str
    api_id: str = ""
    resources: dict[str, str] = field(default_factory=dict)
    resource: str = RESOURCE
    method: str = METHOD
    headers: dict[str, str] = field(default_factory=dict)
    host: str = ""
    body: bytes | None = None
    made: dict[str, str] = field(default_factory=dict)
    orders_grant: str = ORDERS_GRANT
    edits: list[Edit] = field(default_factory=list)
    function_settings: dict[str, Any] = field(default_factory=dict)
    api_type: ClassVar[str] = "rest"
    stage: ClassVar[str] = STAGE

    def client(self, service: str, region: str = REGION) -> Any:
        """The boto3 client of a service in a Region of the sandbox."""
        return client(self.endpoint_url, service, region)

    @property
    def url(self) -> str:
        """Where the stage answers, without a trailing slash."""
        return f"{self.endpoint_url}/_aws/execute-api/{self.api_id}/{STAGE}"

    def source_arn(self, tail: str, api_id: str = "") -> str:
        """The execute-api ARN of this API (or another) for ``stage/METHOD/path``, wildcards included."""
        return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id or self.api_id}/{tail}"

    # -- the API ---------------------------------------------------------------------------------

    def integrate(
        self,
        path: str = "",
        method: str = "",
        *,
        uri: str = "",
        http_method: str = "",
        timeout_ms: int = 0,
    ) -> None:
        """Set the Lambda integration of a method (the target's) in the working copy; what is not named stays."""
        gateway = self.client("apigateway")
        at = self.at(path, method)
        now = {} if uri and http_method else gateway.get_integration(**at)
        if now.get("type", "AWS_PROXY") != "AWS_PROXY":
            changed = {"/uri": uri, "/httpMethod": http_method, "/timeoutInMillis": str(timeout_ms or "")}
            self.patch_integration({name: value for name, value in changed.items() if value}, path, method)
            return
        timeout = timeout_ms or now.get("timeoutInMillis")
        gateway.put_integration(
            **at,
            type="AWS_PROXY",
            integrationHttpMethod=http_method or now["httpMethod"],
            uri=uri or now["uri"],
            **({"timeoutInMillis": timeout} if timeout else {}),
        )

    def at(self, path: str = "", method: str = "") -> dict[str, str]:
        """The parameters that name a method of the API to AWS; the target's without a path."""
        resource = self.resources[path or self.resource]
        return {"restApiId": self.api_id, "resourceId": resource, "httpMethod": method or self.method}

    def integration_uri(self, path: str = "", method: str = "") -> str:
        """The integration URI in the working copy, stage variables unresolved."""
        return str(self.client("apigateway").get_integration(**self.at(path, method))["uri"])

    def patch_integration(self, replace: Mapping[str, str], path: str = "", method: str = "") -> None:
        """Change settings of an integration (the target's) in the working copy, by patch path."""
        operations = [{"op": "replace", "path": name, "value": value} for name, value in replace.items()]
        self.client("apigateway").update_integration(**self.at(path, method), patchOperations=operations)

    def patch_method(self, replace: Mapping[str, str], path: str = "", method: str = "") -> None:
        """Change settings of a method (the target's) in the working copy, by patch path."""
        operations = [{"op": "replace", "path": name, "value": value} for name, value in replace.items()]
        self.client("apigateway").update_method(**self.at(path, method), patchOperations=operations)

    def rename_in_uri(self, name: str) -> str:
        """The target's integration URI with another function name; Region and alias stay."""
        return _NAME_IN_URI.sub(lambda _: name, self.integration_uri())

    def move_uri(self, region: str) -> str:
        """The target's integration URI with the function in another Region; name and alias stay."""
        return _REGION_IN_URI.sub(region, self.integration_uri())

    def deploy(self, description: str) -> None:
        """Deploy the working copy and let the stage run it."""
        gateway = self.client("apigateway")
        made = gateway.create_deployment(restApiId=self.api_id, description=description)
        self.patch_stage({"/deploymentId": made["id"]})

    def patch_stage(self, replace: Mapping[str, str], remove: Sequence[str] = ()) -> None:
        """Change settings of the stage, by patch path."""
        operations = [{"op": "replace", "path": path, "value": value} for path, value in replace.items()]
        operations += [{"op": "remove", "path": path} for path in remove]
        self.client("apigateway").update_stage(restApiId=self.api_id, stageName=STAGE, patchOperations=operations)

    def order_methods(self) -> list[tuple[str, str]]:
        """Path and HTTP method of every method of the orders that a customer calls; CORS preflights are none."""
        found = self.client("apigateway").get_resources(restApiId=self.api_id, embed=["methods"])["items"]
        ours = [each for each in found if each["path"].startswith(("/orders", "/{proxy+}"))]
        return [(each["path"], verb) for each in ours for verb in each.get("resourceMethods", {}) if verb != "OPTIONS"]

    def patch_authorizer(self, replace: Mapping[str, str], remove: Sequence[str] = ()) -> None:
        """Change settings of the shop's authorizer in the working copy, by patch path."""
        operations = [{"op": "replace", "path": path, "value": value} for path, value in replace.items()]
        operations += [{"op": "remove", "path": path} for path in remove]
        self.client("apigateway").update_authorizer(
            restApiId=self.api_id, authorizerId=self.made["authorizer"], patchOperations=operations
        )

    def set_policy(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Give the API a resource policy with these statements, in the working copy; without any it has none."""
        text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}) if statements else ""
        operation = {"op": "replace", "path": "/policy", "value": text}
        self.client("apigateway").update_rest_api(restApiId=self.api_id, patchOperations=[operation])

    def gateway_role(self, name: str, action: str, resource: str) -> str:
        """Make a role that API Gateway may take and that may do one action; returns its ARN."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
        allow = {"Effect": "Allow", "Action": action, "Resource": resource}
        documents = [json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (trust, allow)]
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])
        iam.put_role_policy(RoleName=name, PolicyName="call", PolicyDocument=documents[1])
        return str(made["Role"]["Arn"])

    def settings(self) -> str:
        """What faults change of the API, as JSON text: deployment, stage variables, the account's role for logs."""
        gateway = self.client("apigateway")
        stage = gateway.get_stage(restApiId=self.api_id, stageName=STAGE)
        return json.dumps(
            {
                "deployment": stage["deploymentId"],
                "variables": stage.get("variables", {}),
                "role": gateway.get_account().get("cloudwatchRoleArn") or "",
            }
        )

    def change_settings(self, now: str, wanted: str) -> None:
        """Turn settings into others, both as ``settings`` tells them."""
        have, want = json.loads(now), json.loads(wanted)
        if (have["deployment"], have["variables"]) != (want["deployment"], want["variables"]):
            changed, gone = _changed(have["variables"], want["variables"])
            self.patch_stage({"/deploymentId": want["deployment"], **changed}, remove=gone)
        if have["role"] != want["role"]:
            operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": want["role"]}
            self.client("apigateway").update_account(patchOperations=[operation])

    # -- the function ----------------------------------------------------------------------------

    def create_function(self, name: str, *, region: str = REGION, folder: str = "orders", alias: str = ALIAS) -> None:
        """Create a function from healthy source, publish version 1 and, if named, point the alias to it."""
        lambdas = self.client("lambda", region)
        lambdas.create_function(
            FunctionName=name,
            Role=f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
            Code={"ZipFile": package(folder, self.source_edits())},
            Publish=True,
            **_settings(),
        )
        if alias:
            lambdas.create_alias(FunctionName=name, Name=alias, FunctionVersion="1")

    def source_edits(self) -> tuple[Edit, ...]:
        """What the functions' source needs to read the events of this type of API."""
        return ()

    def release(
        self,
        *edits: Edit,
        files: Mapping[str, bytes] | None = None,
        executable: Collection[str] = (),
        **settings: Any,
    ) -> None:
        """Release shop-orders as its pipeline does: role policy, settings, code, version, alias.

        Starts from healthy source and settings, so a release also puts right what an earlier one broke.
        ``settings`` are arguments of UpdateFunctionConfiguration. Raises ValueError if an edit does not fit.
        """
        lambdas = self.client("lambda")
        self.allow_table()
        lambdas.update_function_configuration(
            FunctionName=FUNCTION, **(_settings() | self.function_settings | settings)
        )
        code = package("orders", [*self.edits, *self.source_edits(), *edits], files or {}, executable)
        version = lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=code, Publish=True)["Version"]
        lambdas.update_alias(
            FunctionName=FUNCTION,
            Name=ALIAS,
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )

    def allow_table(self, actions: Sequence[str] = ("GetItem", "PutItem", "Scan")) -> None:
        """Let the execution role do these DynamoDB actions on the orders table, and nothing else there."""
        table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
        logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        statements = [
            {"Effect": "Allow", "Action": [f"dynamodb:{name}" for name in actions], "Resource": table},
            {"Effect": "Allow", "Action": logs, "Resource": "*"},
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("iam").put_role_policy(RoleName=ROLE, PolicyName=ROLE_POLICY, PolicyDocument=policy)

    def grant(
        self,
        tail: str = "",
        *,
        function: str = FUNCTION,
        qualifier: str = ALIAS,
        region: str = REGION,
        api_id: str = "",
        principal: str = "apigateway.amazonaws.com",
        sid: str = "apigateway-invoke",
        **more: str,
    ) -> None:
        """Let API Gateway invoke a function for ``stage/METHOD/path`` (the orders) of this API, or of ``api_id``."""
        if principal == "apigateway.amazonaws.com":
            more["SourceArn"] = self.source_arn(tail or self.orders_grant, api_id=api_id)
        if qualifier:
            more["Qualifier"] = qualifier
        self.client("lambda", region).add_permission(
            FunctionName=function,
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal=principal,
            **more,
        )

    def function_state(self, function: str = FUNCTION, region: str = REGION, **state: Any) -> None:
        """Say what state Lambda is in with a function, where no call of AWS can bring it there.

        Keys as GetFunctionConfiguration tells them (State, StateReasonCode, …), InvokeError and Then; none is the usual
        state. See ServiceStates.
        """
        self._ask_sandbox("function-state", {"function": function, "region": region, "state": state})

    def quiet(self, *, long: bool = False) -> None:
        """Wait until no function runs; after a ``long`` quiet Lambda has given up all its idle instances."""
        self._ask_sandbox("quiet", {"long": long})

    def _ask_sandbox(self, what: str, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint_url}/_sandbox/{what}", data=data, method="POST")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=15):
            pass

    def revoke(self) -> None:
        """Take every statement out of the policy of shop-orders' alias."""
        lambdas = self.client("lambda")
        try:
            found = lambdas.get_policy(FunctionName=FUNCTION, Qualifier=ALIAS)
        except lambdas.exceptions.ResourceNotFoundException:
            return
        for statement in json.loads(found["Policy"])["Statement"]:
            lambdas.remove_permission(FunctionName=FUNCTION, Qualifier=ALIAS, StatementId=statement["Sid"])


def _changed(have: Mapping[str, str], want: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Stage variables that get a value, and those that go, by patch path."""
    values = {f"/variables/{name}": value for name, value in want.items() if have.get(name) != value}
    return values, [f"/variables/{name}" for name in have if name not in want]


def function_uri(name: str, qualifier: str = "") -> str:
    """The integration URI of a Lambda function; ``name`` and ``qualifier`` may be stage variables."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" + (f":{qualifier}" if qualifier else "")
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


def orders_uri() -> str:
    """The healthy integration URI of the orders methods: name and alias come from stage variables."""
    return function_uri(f"${{stageVariables.{NAME_VARIABLE}}}", f"${{stageVariables.{ALIAS_VARIABLE}}}")


def package(
    folder: str,
    edits: Sequence[Edit] = (),
    files: Mapping[str, bytes] | None = None,
    executable: Collection[str] = (),
) -> bytes:
    """The deployment package (zip) of a function with edits made to its app.py and extra files put in, some of them
    programs.

    Raises ValueError if the text to be replaced does not occur exactly once.
    """
    source = (_SOURCES / folder / "app.py").read_text("utf-8")
    for old, new in edits:
        if source.count(old) != 1:
            raise ValueError(f"{old!r} occurs {source.count(old)} times in {folder}/app.py")
        source = source.replace(old, new)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in {"app.py": source.encode(), **(files or {})}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o755 if name in executable else 0o644) << 16
            archive.writestr(entry, data)
    return packed.getvalue()


def _settings() -> dict[str, Any]:
    return {
        "Handler": "app.handler",
        "Runtime": RUNTIME,
        "Timeout": 10,
        "MemorySize": 256,
        "TracingConfig": {"Mode": "Active"},
        "Environment": {"Variables": {"TABLE_NAME": TABLE}},
    }
