"""The healthy shop as an HTTP API: the same functions and table behind routes, payload format 2.0, auto-deploy.

The stage is ``$default``, as the console makes it, so it does not show in the address. The orders' routes run
shop-orders through stage variables for its name and alias, ``ANY /products`` runs shop-products, /health is an HTTP
proxy to an endpoint of the sandbox itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from wizard.sandbox.gateway.httpapi.context import DEFAULT_STAGE
from wizard.sandbox.world import (
    ACCESS_LOG,
    ACCOUNT,
    ALIAS,
    ALIAS_VARIABLE,
    FUNCTION,
    METHOD,
    NAME_VARIABLE,
    PRODUCTS_FUNCTION,
    REGION,
    RESOURCE,
    Edit,
    World,
)

LOG_DESTINATION = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{ACCESS_LOG}"
_READ_1 = '    log.info("%s %s", event["httpMethod"], event["path"])\n    if event["httpMethod"] == "POST":\n'
_READ_2 = (
    '    request = event["requestContext"]["http"]\n'
    '    log.info("%s %s", request["method"], request["path"])\n'
    '    if request["method"] == "POST":\n'
)


@dataclass
class HttpWorld(World):
    """The shop behind an HTTP API. ``payload`` is the format that the next integration and release are made for."""

    integrations: dict[str, str] = field(default_factory=dict)
    payload: str = "2.0"
    auto_deploy: bool = True
    api_type: ClassVar[str] = "http"
    stage: ClassVar[str] = DEFAULT_STAGE

    @property
    def url(self) -> str:
        """Where the stage answers, without a trailing slash."""
        return f"{self.endpoint_url}/_aws/execute-api/{self.api_id}"

    def integrate(
        self,
        path: str = RESOURCE,
        method: str = METHOD,
        *,
        uri: str = "",
        http_method: str = "",
        timeout_ms: int = 0,
    ) -> None:
        """Set the Lambda integration of a route; what is not named stays as it is."""
        named: dict[str, Any] = {"IntegrationUri": uri, "IntegrationMethod": http_method, "TimeoutInMillis": timeout_ms}
        self.client("apigatewayv2").update_integration(
            ApiId=self.api_id,
            IntegrationId=self.integrations[f"{method} {path}"],
            PayloadFormatVersion=self.payload,
            **{name: value for name, value in named.items() if value},
        )

    def integration_uri(self, path: str = RESOURCE, method: str = METHOD) -> str:
        """The integration URI, stage variables unresolved."""
        return str(self._integration(path, method)["IntegrationUri"])

    def deploy(self, description: str) -> None:
        """Deploy to the stage, unless it does so by itself."""
        if not self.auto_deploy:
            self.client("apigatewayv2").create_deployment(
                ApiId=self.api_id, StageName=self.stage, Description=description
            )

    def stop_auto_deploy(self) -> None:
        """From now on a change is served once it is deployed."""
        self._update_stage(AutoDeploy=False)
        self.auto_deploy = False

    def patch_stage(self, replace: Mapping[str, str], remove: Sequence[str] = ()) -> None:
        """Change stage variables, by patch path as of a REST API; an empty value takes a variable away."""
        values = {path.removeprefix("/variables/"): value for path, value in replace.items()}
        values |= {path.removeprefix("/variables/"): "" for path in remove}
        self._update_stage(StageVariables=values)

    def log_accesses(self, template: str) -> None:
        """Write the access log in this format."""
        self._update_stage(AccessLogSettings={"DestinationArn": LOG_DESTINATION, "Format": template})

    def stop_access_log(self) -> None:
        """Write no access log."""
        self.client("apigatewayv2").delete_access_log_settings(ApiId=self.api_id, StageName=self.stage)

    def settings(self) -> str:
        """What faults change of the API, as JSON text: stage variables, the target's integration, and the deployment
        of a stage that does not deploy by itself."""
        stage = self.client("apigatewayv2").get_stage(ApiId=self.api_id, StageName=self.stage)
        found = self._integration(RESOURCE, METHOD)
        names = ("IntegrationUri", "IntegrationMethod", "TimeoutInMillis", "PayloadFormatVersion")
        return json.dumps(
            {
                "variables": stage["StageVariables"],
                "integration": {name: found[name] for name in names},
                "deployment": "" if stage["AutoDeploy"] else stage["DeploymentId"],
            }
        )

    def change_settings(self, now: str, wanted: str) -> None:
        """Turn settings into others, both as ``settings`` tells them."""
        have, want = json.loads(now), json.loads(wanted)
        if have["variables"] != want["variables"]:
            self._update_stage(StageVariables={**dict.fromkeys(have["variables"], ""), **want["variables"]})
        if have["integration"] != want["integration"]:
            target = self.integrations[f"{METHOD} {RESOURCE}"]
            self.client("apigatewayv2").update_integration(
                ApiId=self.api_id, IntegrationId=target, **want["integration"]
            )
        if have["deployment"] != want["deployment"]:
            fixed = {"DeploymentId": want["deployment"]} if want["deployment"] else {}
            self._update_stage(AutoDeploy=not fixed, **fixed)

    def source_edits(self) -> tuple[Edit, ...]:
        """Format 2.0 has the request's method and path elsewhere."""
        return ((_READ_1, _READ_2),) if self.payload == "2.0" else ()

    def _integration(self, path: str, method: str) -> Mapping[str, Any]:
        target = self.integrations[f"{method} {path}"]
        found: Mapping[str, Any] = self.client("apigatewayv2").get_integration(ApiId=self.api_id, IntegrationId=target)
        return found

    def _update_stage(self, **settings: Any) -> None:
        self.client("apigatewayv2").update_stage(ApiId=self.api_id, StageName=self.stage, **settings)


def function_arn(name: str, qualifier: str = "") -> str:
    """The integration URI of a function as the console writes it for an HTTP API: its ARN."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" + (f":{qualifier}" if qualifier else "")


ORDERS_ARN = function_arn(f"${{stageVariables.{NAME_VARIABLE}}}", f"${{stageVariables.{ALIAS_VARIABLE}}}")
PRODUCTS_ARN = function_arn(PRODUCTS_FUNCTION)
VARIABLES = {NAME_VARIABLE: FUNCTION, ALIAS_VARIABLE: ALIAS}
