"""What a front end is started with; made by the command line, the same for every front end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from wizard.model.aws import Aws
from wizard.model.case import Case, Symptom, Target, Window
from wizard.model.status import Effect

HOUR_S = 3600.0


class Connect(Protocol):
    """Opens the door to AWS. Quick, but it imports boto3: call it after the first paint, in a thread.

    Raises:
        NoCredentials: no profile of that name, no Region.
    """

    def __call__(self, profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
        """The port for this profile, Region and endpoint; None leaves the choice to the standard chain."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """The case as far as it is known, how to reach AWS, and which tree to walk.

    `target` None: the person still has to pick one. `window_s` (seconds, ending now) counts unless `start` and `end`
    are given. `tree` None is the tree that ships with the tool. `demo` is the line the sandbox printed when this is a
    demonstration: {"endpoint_url", "url", "api_id", "stage", "method", "path", "region", "symptom", "faults"};
    `connect` then carries the sandbox's credentials, and target and symptom are filled in. `allow_invoke` answers yes
    to every question whether the backend may be called, `allow_insights` to those whether AWS may charge for a search.
    `client_timeout_s` is how long the client waits for an answer, in seconds, where that is known.
    `guided`: AWS is never asked; the person runs the commands that are shown and pastes their output.
    `step`: the full-screen walk waits for the person at every step. `theme`, `still` (nothing moves or blinks) and
    `keys` (a key by the id of its action) are how the full-screen wizard looks and listens.
    """

    connect: Connect
    target: Target | None = None
    symptom: Symptom = field(default_factory=Symptom)
    window_s: float = HOUR_S
    start: datetime | None = None
    end: datetime | None = None
    tree: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    demo: Mapping[str, Any] | None = None
    allow_invoke: bool = False
    allow_insights: bool = False
    client_timeout_s: float | None = None
    guided: bool = False
    step: bool = False
    theme: str = "dark"
    still: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)

    def window(self, now: datetime | None = None) -> Window:
        """The time span to look at; `end` defaults to the end of this second, `start` to `window_s` before the end.

        AWS is asked in whole seconds: what happened in the one that is not over would be left out.
        """
        end = self.end or _whole(now or datetime.now(UTC))
        return Window(self.start or end - timedelta(seconds=self.window_s), end)

    def case(self, target: Target | None = None, symptom: Symptom | None = None) -> Case:
        """A case about this target, or the one of the settings.

        Raises:
            ValueError: no target is known yet.
        """
        wanted = target or self.target
        if wanted is None:
            raise ValueError("no target: give a URL, or --api-id and --stage")
        if wanted.region is None and self.region:
            wanted = replace(wanted, region=self.region)
        patience = None if self.client_timeout_s is None else round(self.client_timeout_s * 1000)
        return Case(wanted, symptom or self.symptom, self.window(), client_timeout_ms=patience)

    def allows(self, effect: Effect) -> bool:
        """Whether the settings answer yes to what a probe with this effect asks."""
        return self.allow_insights if effect is Effect.COSTS else self.allow_invoke

    def open_aws(self, region: str | None = None) -> Aws:
        """The door to AWS; `region` (the target's) wins over the settings'."""
        return self.connect(self.profile, region or self.region, self.endpoint_url)


def _whole(at: datetime) -> datetime:
    """The end of the second."""
    return at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)
