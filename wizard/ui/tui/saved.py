"""Cases that save themselves as they go, and the list of those that can be taken up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wizard.model.events import Event
from wizard.model.status import Outcome
from wizard.model.tree import Tree
from wizard.report import casefile
from wizard.ui.tui.services import Trouble


@dataclass(frozen=True, slots=True)
class Recent:
    """An entry of the list; `id` is the file."""

    id: str
    label: str
    detail: str


class Saving:
    """One case, saved as it goes. See Keeper."""

    def __init__(self, remark: Callable[[str], None]) -> None:
        self._writer = casefile.CaseWriter(remark)

    def __call__(self, event: Event) -> None:
        """One more event."""
        self._writer(event)

    def close(self, outcome: Outcome | None = None) -> None:
        """The walk has ended; without an outcome it was broken off."""
        self._writer.close(outcome)

    def forget(self) -> None:
        """The case is not needed any more; where the file cannot be deleted it stays."""
        if self._writer.path is not None:
            try:
                casefile.forget(self._writer.path)
            except OSError:
                return


def recent() -> Sequence[Recent]:
    """The saved cases, newest first."""
    found = []
    for case in casefile.recent():
        target = case.target
        how = case.outcome.value if case.outcome else "broken off"
        where = (target.api_id or target.host, target.stage, target.region)
        detail = " · ".join(part for part in (f"{case.when.astimezone():%d %b %H:%M}", how, *where) if part)
        found.append(Recent(str(case.path), f"{target.method} {target.path}", detail))
    return found


def taken_up(file: str, tree: Tree) -> casefile.SavedCase:
    """A saved case as far as this tree knows what stands in it. Raises Trouble."""
    try:
        return casefile.known_to(tree, casefile.read(file))
    except casefile.CaseFileError as error:
        raise Trouble(f"The case cannot be taken up: {error}") from error
