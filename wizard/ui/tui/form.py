"""What the set-up screen has been told so far, and the target that it makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from wizard.model.case import Symptom, Target
from wizard.ui.clues import NOTHING, Clues, request_id
from wizard.ui.tui.services import Account, Trouble

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_VERB_FIRST = re.compile(rf"^\s*({'|'.join(VERBS)})\s+(\S.*)$", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields.

    `url` may be a request id in place of an address; `clues` is what a pasted log has given away beside the fields.
    `api` is (id, name); `method` a key like "GET /orders/{id}", or a bare verb beside an address; `request` is what was
    really called where that key leaves it open: a path, with a verb before it if it is not GET.
    """

    url: str = ""
    profile: str | None = None
    region: str | None = None
    api: tuple[str, str] | None = None
    stage: str | None = None
    method: str | None = None
    request: str = ""
    status: str = ""
    seen_in: str = "url"
    clues: Clues = NOTHING

    def with_target(self, target: Target | None) -> Form:
        """The form with what is known of a target filled in."""
        if target is None:
            return self
        if target.url:
            return replace(self, url=target.url if target.method == "GET" else f"{target.method} {target.url}")
        if not target.api_id:
            return self
        api = (target.api_id, target.api_id)
        return replace(self, api=api, stage=target.stage, method=f"{target.method} {target.path}")

    @property
    def account(self) -> Account:
        """Whose API it is."""
        return Account(self.profile, self.region)

    def with_value(self, name: str, value: str) -> Form:
        """The form with one field changed; what hangs on that field is forgotten."""
        fresh = replace(self, **{name: value})  # type: ignore[arg-type]  # `name` is a text field of the form
        if name in ("profile", "region"):
            return replace(fresh, api=None, stage=None, method=None, request="")
        if name == "url":
            return replace(fresh, clues=NOTHING)
        return replace(fresh, request="") if name == "method" else fresh

    def with_clues(self, found: Clues) -> Form:
        """The form with what a pasted log gives away filled in."""
        fresh = replace(self, clues=found, status=found.status or self.status, region=found.region or self.region)
        if found.url:
            verb = f"{found.method} " if found.method not in ("", "GET") else ""
            return replace(fresh, url=f"{verb}{found.url}")
        if not found.api_id:
            return replace(fresh, url="")
        method = f"{found.method} {found.path}" if found.path else None
        return replace(fresh, url="", api=(found.api_id, found.api_id), stage=found.stage or None, method=method)

    def with_api(self, api: tuple[str, str]) -> Form:
        """The form with this API picked, (id, name)."""
        return replace(self, api=api, stage=None, method=None, request="", url="")

    @property
    def request_id(self) -> str:
        """The id of the request that failed, where one is known; empty otherwise."""
        return request_id(self.url) or self.clues.request_id

    @property
    def address(self) -> str:
        """The address, where one is given; empty otherwise."""
        return "" if request_id(self.url) else self.url.strip()

    @property
    def open(self) -> bool:
        """Whether the picked method leaves open what was really called: /orders/{id}, or any verb."""
        verb, _, path = (self.method or "").partition(" ")
        return not self.address and ("{" in path or (verb == "ANY" and bool(path)))

    def missing(self) -> str:
        """What is still needed, in words; empty when the form can start."""
        if self.address:
            return ""
        if not self.api:
            return "Now pick the API of that request." if self.url else "Paste the address that fails, or pick an API."
        if not (self.stage and self.method):
            return f"Pick a {'method' if self.stage else 'stage'}."
        if self.open and not self.request.strip():
            return f"Type a request that failed: {example(self.method)}"
        return ""

    def symptom(self) -> Symptom:
        """What the client saw.

        Raises:
            Trouble: the status is not an HTTP status.
        """
        text = self.status.strip()
        if text and not (text.isdecimal() and 100 <= int(text) <= 599):
            raise Trouble(f"{text[:20]} is no HTTP status: give a number such as 502, or leave it empty.")
        return Symptom(
            status=int(text) if text else None,
            message=self.clues.message or None,
            error_type=self.clues.error_type or None,
            request_id=self.request_id or None,
            seen_in=self.seen_in,
        )

    def target(self, parse: Callable[[str, str], Target]) -> Target:
        """What is to be looked at; `parse` reads an address.

        Raises:
            Trouble: something is missing or cannot be read.
        """
        if missing := self.missing():
            raise Trouble(missing)
        if self.address:
            verb, address = split_verb(self.address, self.verb)
            return parse(address, verb)
        assert self.api is not None
        verb, path = self.verb, (self.method or "GET /").partition(" ")[2]
        if self.open:
            verb, path = split_verb(self.request, verb)
            path = path.partition("?")[0]
            if not path.startswith("/") or "{" in path:
                raise Trouble(f"{path[:40]} is not the path of a request: it looks like {example(self.method or '')}")
        return Target(api_id=self.api[0], stage=self.stage, method=verb, path=path or "/", region=self.region)

    @property
    def verb(self) -> str:
        """The HTTP method alone; GET where any will do."""
        verb = (self.method or "GET").partition(" ")[0]
        return "GET" if verb == "ANY" else verb


def example(method: str) -> str:
    """A request that a method key like "ANY /orders/{id}" would serve, made up: "POST /orders/42"."""
    verb, _, path = method.partition(" ")
    return f"{'POST ' if verb == 'ANY' else ''}{_VARIABLE.sub('42', path)}"


def split_verb(text: str, verb: str = "GET") -> tuple[str, str]:
    """("POST", address) of "POST https://…"; the given verb when the text names none."""
    match = _VERB_FIRST.match(text)
    return (match[1].upper(), match[2].strip()) if match else (verb, text.strip())
