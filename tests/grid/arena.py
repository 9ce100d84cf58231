"""One sandbox process that plays scenario after scenario, and the check run against each."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from functools import cache
from typing import Any

from wizard.aws.cache import CachedAws
from wizard.aws.session import connect
from wizard.model.case import Symptom, Target
from wizard.report.json import document
from wizard.sandbox.process import SandboxProcess
from wizard.ui.headless import check
from wizard.ui.settings import Settings

BUILD_S = 60


class Arena:
    """`play(faults)` builds the world with these faults and returns the JSON report and the exit code of `check`.

    `line` is what the sandbox printed for the scenario that was built last.
    """

    def __init__(self) -> None:
        self._process = SandboxProcess()

    def __enter__(self) -> Arena:
        self._line = self._process.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._process.__exit__(*error)

    def build(self, faults: Sequence[str], furnish: Sequence[str] = (), api_type: str = "") -> dict[str, Any]:
        """The line the sandbox prints for this scenario; ``api_type`` chooses the shop when no fault does."""
        body = json.dumps({"faults": list(faults), "furnish": list(furnish), "api_type": api_type}).encode()
        request = urllib.request.Request(
            f"{self._line['endpoint_url']}/_sandbox/scenario", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=BUILD_S) as answer:
            self.line: dict[str, Any] = json.load(answer)
        return self.line

    def play(
        self, faults: Sequence[str], *, furnish: Sequence[str] = (), allow_invoke: bool = False, api_type: str = ""
    ) -> tuple[dict[str, Any], int]:
        """The report and the exit code."""
        walked = check(settings_for(self.build(faults, furnish, api_type), allow_invoke=allow_invoke), lambda *_: None)
        report = document(walked.verdict)
        assert isinstance(report, dict)
        return report, walked.exit_code


@cache
def _connected(region: str | None, endpoint_url: str, key_id: str, secret: str) -> CachedAws:
    """One connection for every scenario of a sandbox: to make its clients anew takes as long as a whole walk."""
    return connect(None, region, endpoint_url, access_key_id=key_id, secret_access_key=secret)


def settings_for(line: dict[str, Any], *, allow_invoke: bool = False) -> Settings:
    """What a front end is started with to look at the scenario that printed this line."""

    def door(profile: str | None, region: str | None, endpoint_url: str | None) -> CachedAws:
        return _connected(region, line["endpoint_url"], line["access_key_id"], line["secret_access_key"]).fresh()

    place = {name: line[name] for name in ("api_id", "stage", "method", "path", "region", "account", "url")}
    return Settings(
        connect=door,
        target=Target(**place),
        symptom=Symptom(**(line["symptom"] or {})),
        region=line["region"],
        allow_invoke=allow_invoke,
    )
