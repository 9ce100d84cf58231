"""Looking for the permission where it may have been put by mistake: the function, another alias, another function."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from probes._functions import region_of
from probes.lambda_fn._function import ask, ask_whole, name_of, unqualified
from probes.lambda_fn._policy import Invocation, decide, statements
from wizard.model.arn import STAGE_VARIABLE, FunctionRef
from wizard.model.aws import Aws, AwsError, NotFound
from wizard.model.case import Case

# How many others are looked at; every one costs a call.
ALIASES, SIBLINGS, PAGES = 5, 5, 4


def granted_elsewhere(case: Case, aws: Aws, function: FunctionRef, invocation: Invocation) -> dict[str, Any]:
    """`mismatch` and `granted_on`, when the call would be allowed somewhere else; `not_asked` tells what could
    not be asked.

    alias: on the unqualified function or another alias. stage-variable: on a function with a similar name,
    while a stage variable decides which one is called; also when that cannot be found out.
    """
    unknown: list[str] = []
    others = [unqualified(function)] if function.qualifier else []
    others += _aliases(case, aws, function, unknown)
    if found := _allowing(case, aws, others, invocation, unknown):
        return {"mismatch": "alias", "granted_on": found.qualifier or "the unqualified function"}
    facts: dict[str, Any] = {}
    if named_by_variable(case):
        siblings = _siblings(case, aws, function, unknown)
        sibling = _allowing(case, aws, siblings or [], invocation, unknown)
        if sibling or siblings is None:
            facts = {"mismatch": "stage-variable", "granted_on": name_of(sibling) if sibling else None}
    return facts | ({"not_asked": unknown} if unknown else {})


def named_by_variable(case: Case) -> bool:
    """Whether a stage variable stands where the integration's URI names the function; the alias alone does not
    count. For a function that only the log names, the working copy may be the one that called it.
    """
    trace = case.traced
    looked_at = [trace.integration or trace.configured]
    if trace.function_source == "execution-log":
        looked_at.append(trace.configured)
    return any(_by_variable(integration.uri) for integration in looked_at if integration)


def _by_variable(uri: str) -> bool:
    before, _, after = uri.partition(":function:")
    return bool(STAGE_VARIABLE.search(after.partition("/")[0].partition(":")[0] if after else before))


def _aliases(case: Case, aws: Aws, function: FunctionRef, unknown: list[str]) -> list[FunctionRef]:
    try:
        listed = ask_whole(case, aws, "ListAliases", function).get("Aliases") or []
    except AwsError as error:
        unknown.append(str(error))
        return []
    names = [str(alias.get("Name")) for alias in listed if alias.get("Name") != function.qualifier]
    return [replace(function, qualifier=name) for name in names[:ALIASES]]


def _siblings(case: Case, aws: Aws, function: FunctionRef, unknown: list[str]) -> list[FunctionRef] | None:
    """Functions of similar names, most similar first; None when they cannot be listed."""
    try:
        pages = aws.pages("lambda", "ListFunctions", region=region_of(function, case), limit=PAGES)
    except AwsError as error:
        unknown.append(str(error))
        return None
    names = [str(item.get("FunctionName")) for item in pages.items("Functions")]
    near = difflib.get_close_matches(function.name, [name for name in names if name != function.name], SIBLINGS, 0.5)
    return [replace(function, name=name) for name in near]


def _allowing(
    case: Case, aws: Aws, others: Iterable[FunctionRef], invocation: Invocation, unknown: list[str]
) -> FunctionRef | None:
    for other in others:
        try:
            policy = statements(ask(case, aws, "GetPolicy", other).get("Policy") or {})
        except NotFound:
            continue
        except (AwsError, ValueError) as error:
            unknown.append(str(error))
            continue
        if decide(policy, invocation).allowed:
            return other
    return None
