"""Putting the case's real ids into the texts of the tree."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

from wizard.model.arn import fill_stage_variables, parse_lambda_uri
from wizard.model.case import Case
from wizard.model.json import Json
from wizard.model.probe import Evidence
from wizard.model.text import safe
from wizard.model.tree import Cause, Fix

# {name} only: shell's ${X}, JSON braces, jq and Terraform's ${...} are left alone.
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z][a-z0-9_]*)\}")

# The form of a fix that takes the place of "cli" where the API is not a REST API.
CLI_V2 = "cli-v2"


# Pieces of a shell text: a comment, a character behind a backslash, a quote, a placeholder, anything else.
_PIECE = re.compile(
    r"(?P<comment>(?<![^\s])#[^\n]*)|(?P<escaped>\\.)|(?P<quote>['\"])|" + _PLACEHOLDER.pattern, re.DOTALL
)
# What needs no care: outside of quotes, between "double" ones, between 'single' ones.
_HARMLESS = {"": re.compile(r"[\w@%+=:,./-]+", re.ASCII), '"': re.compile(r'[^"$`\\!]+'), "'": re.compile(r"[^']+")}


def fill(text: str, values: Mapping[str, str], kind: str = "") -> str:
    """The text with {name} replaced; a name without a value stays visible as <name>.

    A value never brings a line of its own: control characters in it stand as visible escapes. In commands for a shell
    (fixes of the kind cli, and whatever begins with aws) it is never more than a part of the word that it stands in.
    """
    if kind == "cli" or text.startswith("aws "):
        return _fill_shell(text, values)
    return _PLACEHOLDER.sub(lambda match: _value(match[1], values), text)


def _fill_shell(text: str, values: Mapping[str, str]) -> str:
    inside = ""  # the quote that is open

    def put(piece: re.Match[str]) -> str:
        nonlocal inside
        if piece["comment"] and not inside:
            return _PLACEHOLDER.sub(lambda match: _value(match[1], values), piece[0])
        if piece["comment"]:  # between quotes a hash is a hash: what stands behind it is read as well
            return piece[0][0] + _PIECE.sub(put, piece[0][1:])
        if piece["escaped"] and inside == "'":
            return piece[0][0] + _PIECE.sub(put, piece[0][1:])
        if piece["quote"]:
            inside = "" if inside == piece["quote"] else inside or piece["quote"]
            return piece[0]
        return piece[0] if piece["escaped"] else _quoted(_value(piece[4], values), inside, piece[4] in values)

    return _PIECE.sub(put, text)


def _quoted(value: str, inside: str, known: bool) -> str:
    """The value between the quotes that are open: they are closed before it and opened again behind it if need be."""
    if not known or _HARMLESS[inside].fullmatch(value):
        return value
    return f"{inside}{shlex.quote(value)}{inside}"


def _value(name: str, values: Mapping[str, str]) -> str:
    return safe(values.get(name) or "") or f"<{name}>"


def placeholders(case: Case, evidence: Iterable[Evidence] = ()) -> dict[str, str]:
    """Every name a fix may use and its value in this case.

    From the target: api_id stage method path region account; from the trace: api_name resource_id resource_path
    resource_or_route_id (whichever this type of API has) method_key deployment_id route_id route_key integration_id
    invoked_uri function function_arn qualifier function_region function_target (name:qualifier) timeout_ms source_arn
    authorizer_id authorizer_name authorizer_function authorizer_function_arn; from the evidence: each text or number at
    the top of its facts, which wins.
    """
    values: dict[str, str] = {}
    _add(
        values,
        {name: getattr(case.target, name) for name in ("api_id", "stage", "method", "path", "region", "account")},
    )
    if trace := case.trace:
        _add(
            values,
            {
                "api_id": trace.api_id,
                "stage": trace.stage,
                "api_name": trace.api_name,
                "resource_id": trace.resource_id,
                "resource_or_route_id": trace.resource_id or trace.route_id,
                "resource_path": trace.resource_path,
                "method_key": trace.method_key,
                "deployment_id": trace.deployment_id,
                "route_id": trace.route_id,
                "route_key": trace.route_key,
                "integration_id": trace.integration_id,
                "invoked_uri": trace.invoked_uri,
            },
        )
        if function := trace.function:
            _add(
                values,
                {
                    "function": function.name,
                    "function_arn": function.arn,
                    "function_region": function.region,
                    "qualifier": function.qualifier,
                    "function_account": function.account,
                    "function_target": f"{function.name}:{function.qualifier}" if function.qualifier else function.name,
                },
            )
        if guard := trace.authorizer:
            asked = parse_lambda_uri(fill_stage_variables(guard.uri or "", trace.stage_variables)[0])
            _add(values, {"authorizer_id": guard.id, "authorizer_name": guard.name})
            _add(values, {"authorizer_function": asked.name, "authorizer_function_arn": asked.arn} if asked else {})
        if trace.integration:
            _add(values, {"timeout_ms": trace.integration.timeout_ms})
    for item in evidence:
        _add(values, {key: value for key, value in item.facts.items() if isinstance(value, str | int | float)})
    return values


def fill_fixes(cause: Cause, case: Case, evidence: Iterable[Evidence]) -> tuple[Fix, ...]:
    """The fixes of a cause with real ids that fit the API: cli-v2 stands for cli on HTTP and WebSocket APIs."""
    values = placeholders(case, evidence)
    kinds = {fix.kind for fix in cause.fix}
    instead = "cli" if case.target.api_type != "rest" and CLI_V2 in kinds else CLI_V2
    fitting = [Fix("cli" if fix.kind == CLI_V2 else fix.kind, fix.text) for fix in cause.fix if fix.kind != instead]
    return tuple(Fix(fix.kind, fill(fix.text, values, fix.kind)) for fix in fitting)


def _add(values: dict[str, str], found: Mapping[str, Json]) -> None:
    values |= {
        name: str(value) for name, value in found.items() if value not in (None, "") and not isinstance(value, bool)
    }
