"""The quick look: is there anything in this much text at all?

Most of a large log is the story of requests that went well. A few short texts, of which every sign needs one, are
looked for first; where none of them stands, nothing is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

from wizard.logs.literal import literals
from wizard.logs.signature import Sign

# What a request that ended badly says of itself; needed to judge a payload.
_FAILED = ("with status: 5", "Execution failed", "Malformed")
# How long the short texts are: the shorter, the fewer; the longer, the rarer and the faster to look for.
SIZES = (6, 9, 14)
# What stands in the log of every healthy request, and so tells nothing: https://docs.aws.amazon.com/apigateway/latest/
# developerguide/set-up-logging.html and https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
_HEALTHY = """
Execution log for request Extended Request Id: Verifying Usage Plan for request: API Key: API Stage: API Key authorized
because method '' does not require API Key. Request will not contribute to throttle or quota limits Usage Plan check
succeeded for API Key and API Stage Starting execution for request: HTTP Method: GET, Resource Path: / Method request
path: {} Method request query string: {} Method request headers: {Accept=*/*, User-Agent=, X-Forwarded-For=,
Host=x.execute-api.us-east-1.amazonaws.com,
X-Forwarded-Proto=https, CloudFront-Viewer-Country=, Via=1.1 x.cloudfront.net (CloudFront)} Method request body before
transformations: Method request body after transformations: Method request model and validation succeeded Endpoint
request URI: https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:
/invocations Endpoint request headers: {x-amzn-lambda-integration-tag=, Authorization=**** X-Amz-Date=
x-amzn-apigateway-api-id= Accept=application/json, User-Agent=AmazonAPIGateway_ X-Amz-Security-Token= [TRUNCATED]
Endpoint request body after transformations: {"resource":"/","path":"/","httpMethod":"GET","headers":{},
"multiValueHeaders":{},"queryStringParameters":null,"requestContext":{"authorizer":{"principalId":"","context":{}},
"accountId":"","stage":"","identity":{"cognitoIdentityPoolId":null}}} Sending request to Received response. Status: 200,
Integration latency: ms Endpoint response headers: {Date=, Content-Type=application/json, Content-Length=,
Connection=keep-alive, x-amzn-RequestId=, x-amzn-Remapped-Content-Length=0, X-Amz-Executed-Version=$LATEST,
X-Amzn-Trace-Id=root=1-;sampled=0} Endpoint response body before transformations: {"statusCode":200,"body":"","headers":
{"Access-Control-Allow-Origin":"*"},"isBase64Encoded":false} Method response body after transformations: Method response
headers: Successfully completed execution Method completed with status: 200 AWS Integration Endpoint RequestId
START RequestId: Version: $LATEST END RequestId: REPORT RequestId: Duration: ms Billed Duration: Memory Size: MB Max
Memory Used: Init Duration: XRAY TraceId: SegmentId: Sampled: true INFO DEBUG "message" "level" "timestamp" "requestId"
INIT_START Runtime Version: python:3.12.v1 Runtime Version ARN: arn:aws:lambda:us-east-1::runtime: "status":"200"
"error_message":"-","error_responseType":"-","integrationErrorMessage":"-","integration_status":"200","responseLatency"
"routeKey":"$default","ip":"","requestTime":"","protocol":"HTTP/1.1","responseLength":"","authorizer_error":"-"
"""


# Rows of an execution log or of Lambda itself that only repeat the request or say that all goes well so far. The
# gateway's own word about a binary body is none of them.
_DULL = (
    r"(?:\S{1,60} ){0,2}\([0-9a-fA-F-]{36}\) (?:Method request (?!body before transformations: \[Binary)"
    r"|Endpoint request (?:[hb]|URI: https://lambda\.[\w.-]+/2015-03-31/)|Starting execution|HTTP Method: "
    r"|Sending request to |Received response\. Status: [1-3]"
    r"|Usage Plan|API Key|Verifying Usage Plan|Extended Request Id|API Gateway )"
    r"|(?:\S{1,40}\t?)?(?:START|END) RequestId: [0-9a-f-]{36}\b"
)
is_dull = re.compile(_DULL).match
_WORTH = re.compile(rf"\n(?!{_DULL})(.+)")


def gate(signs: Iterable[Sign]) -> Callable[[str], bool] | None:
    """What says of a text that nothing in it is worth a look; None when some sign needs no text at all."""
    needed: set[str] = set(_FAILED)
    for sign in signs:
        texts = (
            [sign.text] if sign.text is not None else literals(sign.regex.pattern, _HEALTHY_TEXT) if sign.regex else ()
        )
        if texts is None:
            return None
        needed.update(text for text in texts if text)
    few = anchors(needed)

    def dull(text: str) -> bool:
        rest = "\n".join(_WORTH.findall(f"\n{text}"))
        return not any(anchor in rest for anchor in few)

    return dull


def anchors(needed: Collection[str]) -> tuple[str, ...]:
    """A small set of texts of which each of the needed ones holds one: those that most of them share first."""
    holders: dict[str, set[str]] = {}
    for text in needed:
        for piece in _pieces(text):
            holders.setdefault(piece, set()).add(text)
    left = set(needed)
    chosen: list[str] = []
    while left:
        best = max(holders, key=lambda piece: (len(holders[piece]), len(piece), piece))
        chosen.append(best)
        covered = holders[best] & left
        left -= covered
        holders = {piece: rest for piece, texts in holders.items() if (rest := texts - covered)}
    return tuple(chosen)


def _pieces(text: str) -> set[str]:
    """The parts of a text that no healthy request shows; the text itself when there is none."""
    sizes = [size for size in SIZES if size <= len(text)]
    parts = {text[at : at + size] for size in sizes for at in range(len(text) - size + 1)}
    return {part for part in parts if part not in _HEALTHY_TEXT} or {text}


_HEALTHY_TEXT = " ".join(_HEALTHY.split())
