"""Lambda function references as they stand in integration URIs."""

from __future__ import annotations

import re
from dataclasses import dataclass

# arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations
# https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html#apigw-PutIntegration-request-uri
_LAMBDA_URI = re.compile(
    r"^arn:(?P<partition>aws[\w-]*):apigateway:(?P<region>[\w-]*):lambda:path/(?P<version>[^/]*)"
    r"/functions/(?P<function>.*?)/(?P<call>invocations|response-streaming-invocations)$"
)
_FUNCTION_ARN = re.compile(
    r"^arn:(?P<partition>aws[\w-]*):lambda:(?P<region>[\w-]*):(?P<account>\d*):function:"
    r"(?P<name>[^:]*)(?::(?P<qualifier>.*))?$"
)
STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A Lambda function as an integration names it.

    `qualifier` is an alias or version, None for the unqualified function.
    """

    name: str
    region: str
    account: str
    qualifier: str | None = None
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The unqualified function ARN."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        """The ARN that is really invoked."""
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn


def partition_of(region: str | None) -> str:
    """The partition of a Region: aws, aws-cn or aws-us-gov."""
    named = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
    return next((found for prefix, found in named.items() if (region or "").startswith(f"{prefix}-")), "aws")


def is_lambda_uri(uri: str) -> bool:
    """Whether an integration URI calls Lambda; stage variables may still stand in it.

    HTTP APIs also take the function's own ARN.
    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html
    """
    return ":lambda:path/" in uri or ":function:" in uri


def parse_lambda_uri(uri: str) -> FunctionRef | None:
    """The function behind a Lambda integration URI, or function ARN, whose stage variables are filled in.

    None when the URI is not a Lambda URI or the function part is not a usable ARN (for example, an empty name).
    """
    match = _LAMBDA_URI.match(uri)
    return parse_function_arn(match["function"] if match else uri)


def parse_function_arn(arn: str) -> FunctionRef | None:
    """A function reference from its ARN, None when the text is not one or its name is empty."""
    match = _FUNCTION_ARN.match(arn)
    if not match or not match["name"]:
        return None
    return FunctionRef(match["name"], match["region"], match["account"], match["qualifier"] or None, match["partition"])


def fill_stage_variables(text: str, variables: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with ${stageVariables.x} filled in, and the names that are missing (they become empty, as at AWS)."""
    missing = tuple(dict.fromkeys(name for name in STAGE_VARIABLE.findall(text) if not variables.get(name)))
    return STAGE_VARIABLE.sub(lambda match: variables.get(match[1], ""), text), missing
