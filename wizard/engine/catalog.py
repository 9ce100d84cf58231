"""Finding probes on demand: one file below probes/ is one probe, its path is its id. There is no list to edit."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from wizard.model.probe import Probe


class NoSuchProbeError(LookupError):
    """No file below probes/ has this id."""


def find_probe(probe_id: str) -> Probe:
    """The probe with this id, like lambda_fn.permission.

    Raises:
        NoSuchProbeError: there is no such file, or it defines no probe.
    """
    return _kind(probe_id)()


@cache
def _kind(probe_id: str) -> type[Probe]:
    """The class that the probe's file defines."""
    if not all(part.isidentifier() and not part.startswith("_") for part in probe_id.split(".")):
        raise NoSuchProbeError(probe_id)
    name = f"probes.{probe_id}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            raise NoSuchProbeError(probe_id) from error
        raise
    classes = [
        item
        for _, item in inspect.getmembers(module, inspect.isclass)
        if issubclass(item, Probe) and item.__module__ == name
    ]
    if len(classes) != 1:
        raise NoSuchProbeError(f"{probe_id}: the file defines {len(classes)} probes, not one")
    return classes[0]


@cache
def probe_ids() -> tuple[str, ...]:
    """The ids of all probes, sorted; files that begin with an underscore are helpers."""
    root = importlib.import_module("probes")
    modules = pkgutil.walk_packages(root.__path__, "probes.")
    ids = [m.name.removeprefix("probes.") for m in modules if not m.ispkg]
    return tuple(sorted(i for i in ids if not any(part.startswith("_") for part in i.split("."))))


def all_probes() -> list[Probe]:
    """Every probe, in the order of ids."""
    return [find_probe(probe_id) for probe_id in probe_ids()]
