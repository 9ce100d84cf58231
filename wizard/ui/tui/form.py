"""What the set-up screen has been told so far, and the target that it makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from wizard.model.case import Symptom, Target
from wizard.ui.tui.services import Account, Trouble

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_VERB_FIRST = re.compile(rf"^\s*({'|'.join(VERBS)})\s+(\S.*)$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields. `api` is (id, name); `method` a key like "GET /orders/{id}", or a bare verb beside an address."""

    url: str = ""
    profile: str | None = None
    region: str | None = None
    api: tuple[str, str] | None = None
    stage: str | None = None
    method: str | None = None
    status: str = ""
    seen_in: str = "url"

    @property
    def account(self) -> Account:
        """Whose API it is."""
        return Account(self.profile, self.region)

    def with_value(self, name: str, value: str) -> Form:
        """The form with one field changed; what hangs on that field is forgotten."""
        fresh = replace(self, **{name: value})  # type: ignore[arg-type]  # `name` is a text field of the form
        return replace(fresh, api=None, stage=None, method=None) if name in ("profile", "region") else fresh

    def with_api(self, api: tuple[str, str]) -> Form:
        """The form with this API picked, (id, name)."""
        return replace(self, api=api, stage=None, method=None, url="")

    def missing(self) -> str:
        """What is still needed, in words; empty when the form can start."""
        if self.url.strip():
            return ""
        if not self.api:
            return "Paste the address that fails, or pick an API."
        return "" if self.stage and self.method else f"Pick a {'method' if self.stage else 'stage'}."

    def symptom(self) -> Symptom:
        """What the client saw.

        Raises:
            Trouble: the status is not an HTTP status.
        """
        text = self.status.strip()
        if text and not (text.isdecimal() and 100 <= int(text) <= 599):
            raise Trouble(f"{text[:20]} is no HTTP status: give a number such as 502, or leave it empty.")
        return Symptom(status=int(text) if text else None, seen_in=self.seen_in)

    def target(self, parse: Callable[[str, str], Target]) -> Target:
        """What is to be looked at; `parse` reads an address.

        Raises:
            Trouble: something is missing or cannot be read.
        """
        if missing := self.missing():
            raise Trouble(missing)
        if self.url.strip():
            verb, address = split_verb(self.url, self.verb)
            return parse(address, verb)
        assert self.api is not None
        verb, _, path = (self.method or "GET /").partition(" ")
        return Target(api_id=self.api[0], stage=self.stage, method=verb, path=path or "/", region=self.region)

    @property
    def verb(self) -> str:
        """The HTTP method alone."""
        return (self.method or "GET").partition(" ")[0]


def split_verb(text: str, verb: str = "GET") -> tuple[str, str]:
    """("POST", address) of "POST https://…"; the given verb when the text names none."""
    match = _VERB_FIRST.match(text)
    return (match[1].upper(), match[2].strip()) if match else (verb, text.strip())
