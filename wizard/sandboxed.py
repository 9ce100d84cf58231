"""The sandbox as the command line offers it: which scenarios there are, and settings that lead to a running one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from wizard.ui.terminal import waiting

if TYPE_CHECKING:
    from wizard.model.aws import Aws
    from wizard.model.json import Json
    from wizard.ui.settings import Settings

_PLACE = ("api_id", "stage", "method", "path", "region", "account", "url")


@contextmanager
def running(
    faults: Sequence[str],
    furnish: Sequence[str],
    given: dict[str, Any],
    settings_of: Callable[[dict[str, Any]], Settings],
) -> Iterator[Settings]:
    """A running sandbox and the settings that lead to it; its credentials stay inside `connect`.

    Raises:
        UsageError: there is no such scenario, or a target was named beside it.
        SandboxError: it did not start.
    """
    from wizard.model.case import Symptom, Target
    from wizard.sandbox.process import SandboxProcess, require_extra

    require_extra()
    known_scenario(faults, furnish)
    if any(given.get(name) for name in ("url", "api_id", "stage", "method", "path")):
        raise click.UsageError(
            "--sandbox brings its own API; leave out the URL, --api-id, --stage, --method and --path"
        )
    settings = settings_of({**given, "region": None})
    with ExitStack() as stack:
        with waiting(f"starting the sandbox, an API on this machine with {', '.join(faults) or 'no fault'}"):
            line = stack.enter_context(SandboxProcess(faults, furnish))
        keys = {name: line[name] for name in ("access_key_id", "secret_access_key")}
        told = {name: given[name] for name in Symptom.__slots__ if given.get(name)}

        def connect(profile: str | None, region: str | None, endpoint_url: str | None) -> Aws:
            from wizard.aws.session import connect as live

            return live(None, region or line["region"], endpoint_url or line["endpoint_url"], **keys)

        yield replace(
            settings,
            connect=connect,
            target=Target(**{name: line[name] for name in _PLACE}),
            symptom=replace(Symptom(**(line["symptom"] or {})), **told),
            profile=None,
            region=line["region"],
            endpoint_url=line["endpoint_url"],
            demo=line,
        )


def known_scenario(faults: Sequence[str], furnish: Sequence[str]) -> None:
    """Nothing when the sandbox can play this.

    Raises:
        UsageError: an unknown name, or names that do not go together.
    """
    if not (faults or furnish):
        return
    from wizard.sandbox.compatible import furnishings_of
    from wizard.sandbox.scenario import api_type_of
    from wizard.ui.options import close

    known = [str(row["id"]) for row in all_faults()]
    for fault in faults:
        name = fault.partition("@")[0].partition("%")[0]  # ID@45m%30: since when, and in which share of the requests
        if name not in known:
            raise click.UsageError(f"no such fault: {name}.{close(name, known)}")
    try:
        if api_type_of(faults, "") == "http" and furnish:
            raise click.UsageError("--furnish builds REST APIs; these faults are of an HTTP API")
        furnishings_of(faults, furnish)
    except KeyError as error:
        from wizard.sandbox.furnishings import all_furnishings

        names = ", ".join(each.id for each in all_furnishings())
        raise click.UsageError(f"no such furnishing: {error.args[0]}; there are {names}") from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def all_faults() -> list[dict[str, Json]]:
    """Every fault of the sandbox, by id.

    Raises:
        MissingExtraError: the sandbox is not installed.
    """
    from wizard.sandbox.process import require_extra

    require_extra()
    from wizard.sandbox import faults

    return [
        {name: getattr(fault, name) for name in ("id", "cause", "hop", "api_type", "title")}
        for fault in faults.all_faults()
    ]
