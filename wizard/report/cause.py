"""The page of one cause, as a manual shows a command, and the same as JSON."""

from __future__ import annotations

import re

from wizard.model.fill import fill
from wizard.model.json import Json
from wizard.model.text import Line, safe
from wizard.model.tree import Cause, Signature, Tree
from wizard.report.page import FORMS, heading, line, paragraph, verbatim

_PLACES = {
    "execution-log": "execution log",
    "access-log": "access log",
    "function-log": "function log",
    "client": "what the client gets",
}
_DEFECTS = {
    "not-an-object": "a response that is not a JSON object",
    "body-not-string": "a response whose body is not a string",
    "bad-statuscode": "a response whose statusCode is not a number",
    "bad-headers": "a response with unusable headers",
    "unknown-field": "a response with a field that the gateway does not know",
    "body-not-base64": "a response marked as base64 whose body is none",
    "streamed": "a response in the streaming form, its body behind a JSON object",
    "returned-5xx": "a well-formed response with a 5xx statusCode",
}
_APIS = {"rest": "REST", "http": "HTTP", "websocket": "WebSocket"}
# What people need not see of a pattern: borders, either case, spaces and quotes that may be missing, groups that catch.
_WORDED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\\b|\^", ""),
        (r"\[[A-Z]([a-z])\]", r"\1"),
        (r'"?\??\\s\*:\\s\*', ": "),
        (r"\\s\+| \?", " "),
        (r'"\?', ""),
        (r"n\.t ", "n't "),
        (r"\(\?P<\w+>(?:[^()\[\]\\]|\\.|\[[^\]]*\])*\)|\\S\+|\\d\+", "…"),
        (r"\\([.\"'/:-])", r"\1"),
    )
)
_STILL_A_PATTERN = re.compile(r"[\\|*+?^$\[\](){}]")


def page(tree: Tree, cause: Cause, width: int = 80) -> list[Line]:
    """Name, hop, statuses, why, signatures, every form of the fix with <placeholders>, how to verify, documentation."""
    out: list[Line] = [line((f"{cause.code} {cause.id}", "strong")), (), *paragraph(cause.title, width, 2)]
    statuses = ", ".join(map(str, cause.all_statuses)) or "any"
    facts = [
        ("Hop", f"{tree.hop_title(cause.hop)} ({cause.hop})"),
        ("APIs", ", ".join(_APIS[each] for each in cause.api_types)),
        ("Status", statuses),
        ("Level", cause.level.value),
        ("Seen in", ", ".join(cause.seen_in)),
    ]
    out += [(), *(line((f"  {name:<9}", "dim"), value) for name, value in facts)]
    out += [(), heading("WHY"), *paragraph(cause.why, width, 2)]
    if cause.signatures:
        out += [(), heading("SIGNS")]
        said = (f"{_PLACES.get(each.place, each.place)}: {_sign(each)}" for each in cause.signatures)
        for text in dict.fromkeys(said):
            out += paragraph(text, width, 2, lead=("- ", "dim"))
    for fix in cause.fix:
        out += [(), heading(f"FIX: {FORMS.get(fix.kind, fix.kind)}"), *verbatim(fill(fix.text, {}), 2)]
    if cause.verify:
        out += [
            (),
            heading("VERIFY"),
            *paragraph(f"Run the check again; the probe {cause.verify} must pass.", width, 2),
        ]
    if cause.refines:
        out += [(), heading("MORE GENERAL"), *paragraph(", ".join(cause.refines), width, 2)]
    if cause.docs:
        out += [(), heading("DOCS"), *((("  ", ""), (safe(url), "code")) for url in cause.docs)]
    return out


def document(cause: Cause) -> dict[str, Json]:
    """The cause as plain data, placeholders as <name>."""
    return {
        "schema": 1,
        "id": cause.id,
        "code": cause.code,
        "hop": cause.hop,
        "title": cause.title,
        "why": cause.why,
        "level": cause.level.value,
        "api": list(cause.api_types),
        "status": list(cause.all_statuses),
        "seen_in": list(cause.seen_in),
        "signatures": [
            {"in": s.place, "text": s.text, "pattern": s.pattern, "payload": s.payload, "seen": s.seen}
            for s in cause.signatures
        ],
        "fix": [{"kind": fix.kind, "text": fill(fix.text, {})} for fix in cause.fix],
        "verify": cause.verify,
        "docs": list(cause.docs),
    }


def _sign(signature: Signature) -> str:
    if signature.payload:
        return _DEFECTS.get(signature.payload, signature.payload)
    remark = "" if signature.seen else " (inferred)"
    said = signature.text or worded(signature.pattern or "")
    return f"“{said}”{remark}" if said else f"/{signature.pattern}/{remark}"


def worded(pattern: str) -> str:
    """The pattern as the text that it finds, … for what varies; empty when it is too involved for that."""
    for found, words in _WORDED:
        pattern = found.sub(words, pattern)
    return "" if _STILL_A_PATTERN.search(pattern) else pattern
