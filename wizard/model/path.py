"""The request path as a picture's worth of data: hops, links and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

from wizard.model.status import Status


@dataclass(frozen=True, slots=True)
class Hop:
    """One station of the request. `status` None means not looked at yet; `blocked` that no request gets here."""

    id: str
    kind: str
    label: str
    resource: str | None = None
    status: Status | None = None
    note: str = ""
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """From one hop to the next; `kind` is "next" on the spine, "side" for a side trip (an authorizer)."""

    source: str
    target: str
    kind: str = "next"


@dataclass(frozen=True, slots=True)
class Path:
    """A snapshot of the path graph. `failing` is the hop that the verdict blames."""

    hops: tuple[Hop, ...] = ()
    links: tuple[Link, ...] = ()
    failing: str | None = None

    def hop(self, hop_id: str) -> Hop | None:
        """A hop by id."""
        return next((hop for hop in self.hops if hop.id == hop_id), None)
