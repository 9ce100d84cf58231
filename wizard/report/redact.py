"""Taking out of a verdict what must not stand in a ticket: stable pseudonyms for names and ids, secrets removed.

The same value has the same pseudonym in all of one report (account-1, api-1, host-1 …), so the story stays readable.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from wizard.model.fill import fill_fixes
from wizard.model.tree import Cause, Fix, Tree
from wizard.model.verdict import Finding, Verdict
from wizard.report.evidence import changes
from wizard.report.secrets import REMOVED, STRONG, holds_secret
from wizard.report.view import View
from wizard.report.withhold import BASE64, Withholder, decoded, is_open_header, kind_of_map

T = TypeVar("T")

# Fields that hold words of the tool, which readers and programs join on; nothing in them comes from the account.
_OWN = {
    "Case": {"signatures"},
    "Hop": {"id", "kind"},
    "Link": {"source", "target", "kind"},
    "Evidence": {"probe", "hop", "id"},
    "NotChecked": {"probe"},
    "Finding": {"evidence"},
    "Verdict": {"failing_hop", "ruled_out"},
    "Path": {"failing"},
    "Call": {"service", "operation", "region"},
    "Target": {"api_type", "method", "region"},
    "Symptom": {"seen_in"},
    "Found": {"cause", "evidence", "node"},
    "NodeEntered": {"node", "hop"},
    "ProbeStarted": {"probe", "hop"},
    "BranchTaken": {"node"},
    "HopMarked": {"hop"},
    "Question": {"id", "kind"},
    "Answered": {"question"},
}
# Fields whose whole value is of one kind, whatever it looks like.
_FIELDS = (
    (
        re.compile(r"(?i)^(?:aws[-_]?)?(?:account|recipient_?account|owner)(?:[-_]?id)?$"),
        "account",
        re.compile(r"\d{12}"),
    ),
    (re.compile(r"(?i)^(?:rest[-_]?)?api[-_]?id$"), "api", re.compile(r"[a-z0-9]{5,20}")),
    (re.compile(r"(?i)^api[-_]?name$"), "api-name", re.compile(r".{2,}")),
    (re.compile(r"(?i)^(?:function[-_]?name|function)$"), "function", re.compile(r"[\w-]{2,}")),
    (re.compile(r"(?i)^(?:extended[-_]?|aws[-_]?)?request[-_]?id$"), "request", re.compile(r"[\w=-]{6,}")),
    (
        re.compile(r"(?i)^(?:host|hostname|domain(?:[-_]?name)?)$"),
        "host",
        re.compile(r"(?=.*\.)(?!.*amazonaws)[\w.-]+"),
    ),
)
_WORD = re.compile(r"[A-Za-z][\w-]*(?:\.[\w-]+)*")
_SHORTEST_SECRET = 8  # characters; a shorter one may be a word of the report by chance


def redact(result: Verdict, tree: Tree | None = None) -> Verdict:
    """The verdict fit for a ticket: no account id, API id, host, address, request id, e-mail, ARN name, secret."""
    return Redactor(result, tree).apply(result)


class Redactor:
    """The pseudonyms of one report, learnt from all of the verdict first, so a bare name is known anywhere.

    The words of `tree` are the tool's: a function that is called like one of them keeps its name.
    """

    def __init__(self, result: Verdict | None = None, tree: Tree | None = None) -> None:
        self._withholder = Withholder(_vocabulary(tree) if tree else ())
        self._people: dict[str, str] = {}
        if result is not None:
            self._learn(result)
            self.learn(result)
            self._learn_people(result)

    def learn(self, value: object) -> None:
        """Gives pseudonyms to whatever the texts of a structure name, before any of them is redacted."""
        texts = list(_texts(value))
        for _, text in texts:
            self._withholder.names.reserve(text)
        for name, text in texts:
            self._learn_field(name, text)
        for _, text in texts:
            self._withholder.learn(text)

    def apply(self, value: T) -> T:
        """The same structure with every text of the account redacted; words of the tool stay."""
        redacted: T = self._walk(value)
        return redacted

    def text(self, text: str) -> str:
        """One text redacted."""
        return self._withholder.text(text)

    def withheld(self) -> dict[str, int]:
        """How many different values of each kind were withheld, in words; secrets last."""
        removed = len(self._withholder.removed)
        return {**self._withholder.names.counts(), **({"removed secrets": removed} if removed else {})}

    def originals(self) -> dict[str, str]:
        """The private map: the value behind each pseudonym. Secrets are in no map."""
        return self._withholder.names.originals()

    def leaks(self, document: str) -> list[str]:
        """What a finished document still shows of what was withheld, by pseudonym, never by value; empty if nothing.

        Looks behind the escapes of every format, over line breaks and into base64.
        """
        reads = [document, View(document).view, View(document, joined=True).view]
        reads += [inner for match in BASE64.finditer(reads[1]) if (inner := decoded(match[1]))]
        folded = "\n".join(reads).casefold()
        squeezed = re.sub(r"\s+", "", reads[1]).casefold()
        found = [
            name
            for value, name in self._withholder.names.distinct().items()
            if _shown(value.casefold(), folded) or (len(value) > 11 and value.casefold() in squeezed)
        ]
        found += self._withholder.names.evident_in(f"{folded}\n{squeezed}")
        secrets = [text for text in self._withholder.removed if len(text) >= _SHORTEST_SECRET]
        if any(text.casefold() in folded or (len(text) > 11 and text.casefold() in squeezed) for text in secrets):
            found.append("a secret that was removed elsewhere")
        if any(pattern.search(read) for pattern in STRONG for read in reads[:2]):
            found.append("what looks like a secret")
        return found

    def _learn(self, result: Verdict) -> None:
        target, trace, names = result.case.target, result.case.trace, self._withholder.names
        known = [
            ("account", target.account),
            ("api", target.api_id),
            ("host", target.host),
            ("request", result.case.symptom.request_id),
        ]
        if trace is not None:
            known += [("api", trace.api_id), ("host", trace.domain), ("api-name", trace.api_name)]
            known += [("host", trace.front), ("distribution", trace.distribution)]
            known += [("vpc-endpoint", each) for each in trace.vpc_endpoints]
            known += [("account", trace.function.account), ("function", trace.function.name)] if trace.function else []
        for _, text in _texts(result):
            names.reserve(text)
        for kind, value in known:
            if value:
                self._withholder.named(kind, value)
        if trace is not None and trace.resource_path and "{" in trace.resource_path:
            names.alias(target.path, trace.resource_path)

    def _learn_field(self, name: str, text: str) -> None:
        for field, kind, form in _FIELDS:
            if name and field.match(name) and form.fullmatch(text):
                self._withholder.named(kind, text)

    def _learn_people(self, result: Verdict) -> None:
        """Who changed something: names like words, so only where a name stands alone is it theirs."""
        who = {change.who for change in changes(result.evidence)} - {""}
        for name in sorted(who):
            if "arn:" not in name and self.text(name) == name and not name.endswith("amazonaws.com"):
                self._people[name] = self._withholder.names.name("person", name, anywhere=False)

    def _walk(self, value: Any, kind: str | None = None, name: str = "") -> Any:
        """`kind`: the values of headers or a query; `name`: the field that the value stands in."""
        if value is None or isinstance(value, bool | float | datetime | Enum | Cause | Fix):
            return value
        if isinstance(value, str):
            return self._string(value, kind, name)
        if isinstance(value, int):
            self._learn_field(name, str(value))
            return self._withholder.names.known(str(value)) or value
        if isinstance(value, Mapping):
            return self._mapping(value, kind)
        if isinstance(value, list | tuple):
            return type(value)(self._walk(item, kind, name) for item in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            own = _OWN.get(type(value).__name__, set())
            changed = {
                f.name: self._walk(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in own
            }
            done = dataclasses.replace(value, **changed)
            return self._refilled(done) if isinstance(done, Verdict) else done
        return value

    def _refilled(self, result: Verdict) -> Verdict:
        """Fixes filled with what is redacted by now: the words of the commands themselves stay whole."""
        by_id = {item.id: item for item in result.evidence}

        def again(finding: Finding) -> Finding:
            proofs = [by_id[name] for name in finding.evidence if name in by_id]
            fixes = fill_fixes(finding.cause, result.case, proofs)
            return dataclasses.replace(
                finding, fix=tuple(Fix(fix.kind, self._withholder.only_known(fix.text)) for fix in fixes)
            )

        return dataclasses.replace(result, findings=tuple(again(finding) for finding in result.findings))

    def _mapping(self, value: Mapping[Any, Any], kind: str | None) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, item in value.items():
            name = self.text(str(key))
            while name in out:
                name += "'"
            inner = None if kind == "header" and is_open_header(str(key)) else kind
            out[name] = self._walk(item, inner or kind_of_map(str(key)), str(key))
        return out

    def _string(self, value: str, kind: str | None, name: str) -> str:
        if name and value.strip("*") and holds_secret(name):
            return self._withholder.remove(value)
        if value in self._people:
            return self._people[value]
        text = self.text(value)
        return self._withholder.local(kind, value) if kind and text == value and REMOVED not in value else text


def _shown(value: str, document: str) -> bool:
    at = document.find(value)
    while at >= 0:
        before, after = document[at - 1 : at], document[at + len(value) : at + len(value) + 1]
        if not (value[0].isalnum() and before.isalnum()) and not (value[-1].isalnum() and after.isalnum()):
            return True
        at = document.find(value, at + 1)
    return False


def _vocabulary(tree: Tree) -> set[str]:
    """The words of the tool: ids and sentences of the tree, but no commands, which hold examples of names."""
    texts = [*tree.nodes, *tree.causes, *(node.probe or "" for node in tree.nodes.values())]
    texts += [text for hop in tree.hops for text in (hop.id, hop.title)]
    texts += [text for cause in tree.causes.values() for text in (cause.title, cause.why)]
    return {word for text in texts for word in _WORD.findall(text)}


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a structure with the name of the field that it stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield "", str(key)
            yield from _texts(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, name)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Cause | Fix):
        own = _OWN.get(type(value).__name__, set())
        for field in dataclasses.fields(value):
            if field.name not in own:
                yield from _texts(getattr(value, field.name))
