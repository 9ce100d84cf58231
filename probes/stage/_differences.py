"""What a method is configured to do otherwise than the stage runs it, in words; beside its integration's address.

GetExport and GetResources tell most things in the same values. Where they do not (names and ids of authorizers, path
parameters, which an export always lists), nothing is compared. Models and validators turn requests away with a 400 and
are left out; what an authorizer calls and what gateway responses send is compared by the checks of those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from probes._method import Method, Row, configured, deployed, document
from wizard.model.aws import Aws
from wizard.model.case import Case

_BINARY = "x-amazon-apigateway-binary-media-types"
_LONGEST = 80


def differences(aws: Aws, case: Case) -> list[dict[str, str]]:
    """Each difference as {what, told}: the part of the method, and a sentence.

    Raises:
        AwsError: one of both cannot be read.
    """
    live, draft = deployed(aws, case), configured(aws, case)
    found = list(_of_method(live, draft)) if live and draft else []
    api = aws.call("apigateway", "GetRestApi", restApiId=case.traced.api_id)
    kinds = set(document(aws, case).get(_BINARY) or []), set(api.get("binaryMediaTypes") or [])
    found += _sets("binary media types", "binary media type", *kinds)
    return [{"what": what, "told": told} for what, told in found]


def _of_method(live: Method, draft: Method) -> Iterator[tuple[str, str]]:
    if live.authorization != draft.authorization:
        yield "authorization", _changed("authorization", live.authorization, draft.authorization)
    elif bool(live.authorizer) != bool(draft.authorizer):
        yield "authorizer", f"the authorizer is {'no longer' if live.authorizer else 'only'} configured"
    if live.api_key_required != draft.api_key_required:
        yield "api key", f"an API key is {'no longer' if live.api_key_required else 'only'} configured to be required"
    yield from _tables("request template", live.templates, draft.templates)
    yield from _tables("request mapping", live.parameters, draft.parameters)
    yield from _sets("method responses", "method response", set(live.responses), set(draft.responses))
    rows, wanted = ({row.pattern or "default": row for row in method.rows} for method in (live, draft))
    yield from _sets("integration responses", "integration response for", set(rows), set(wanted))
    for pattern in sorted(set(rows) & set(wanted)):
        yield from _of_row(pattern, rows[pattern], wanted[pattern])


def _of_row(pattern: str, live: Row, draft: Row) -> Iterator[tuple[str, str]]:
    where = f"integration response for {pattern}"
    if live.status != draft.status:
        yield "integration responses", _changed(f"the status of the {where}", live.status, draft.status)
    yield from _tables(f"template of the {where}", live.templates, draft.templates)
    yield from _tables(f"mapping of the {where}", live.parameters, draft.parameters)


def _tables(what: str, live: Mapping[str, str], draft: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield from _sets(what, what, set(live), set(draft))
    for name in sorted(set(live) & set(draft)):
        was, now = (live[name] or "").strip(), (draft[name] or "").strip()
        if was != now:
            yield what, _changed(f"the {what} {name}", was, now)


def _sets(what: str, one: str, live: set[str], draft: set[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(draft - live):
        yield what, f"the {one} {name} is configured and not deployed"
    for name in sorted(live - draft):
        yield what, f"the {one} {name} is deployed and no longer configured"


def _changed(what: str, was: str, now: str) -> str:
    return f"{what} is {_short(was)} on the stage and {_short(now)} as configured"


def _short(text: str) -> str:
    flat = " ".join(text.split()) or "empty"
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"
