"""The trail through the tree: a list with room, one line without."""

from __future__ import annotations

from itertools import groupby

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from wizard.model.status import Status
from wizard.model.text import Line, Segment, cells
from wizard.ui.tui.paint import NOW, glyph, inline, spread
from wizard.ui.tui.state import Place, Step, Walk
from wizard.ui.tui.widgets.parts import Flow


class Trail(OptionList, can_focus=False):
    """Every step below its hop: done, now, ahead."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.border_title = "Trail"
        self._shown: tuple[object, ...] = ()

    def show(self, walk: Walk, selected: int, wanted: str = "") -> None:
        """Show the steps that hold the wanted text; `selected` is an index into all of them."""
        steps = tuple((s.node.id, s.status, s.place, s.running, _blocked(walk, s)) for s in walk.steps)
        picture = (steps, wanted, walk.verdict.failing_hop if walk.verdict else None)
        if picture != self._shown:
            self._shown = picture
            self.clear_options()
            self.add_options(_options(walk, wanted))
        index = next((i for i, option in enumerate(self.options) if option.id == str(selected)), None)
        if index != self.highlighted:
            self.highlighted = index


class Strip(Flow):
    """The collapsed trail in one line: a sign per step, the selected one marked, and its number."""

    def show_steps(self, walk: Walk, selected: int) -> None:
        """Show the signs of all steps."""
        self.show(lambda width: [_signs(walk, selected, width)] if walk.steps else [])


def _signs(walk: Walk, selected: int, width: int) -> Line:
    steps = walk.steps
    right: list[Segment] = [(f"step {selected + 1} of {len(steps)}", "dim")]
    room = max((width - cells(right[0][0]) - 2) // 2, 1)
    first = min(max(selected - room // 2, 0), max(len(steps) - room, 0))
    signs: list[Segment] = []
    for number, step in enumerate(steps[first : first + room], first):
        sign, look = _sign(walk, step)
        signs += [(sign, "here" if number == selected else look), (" ", "")]
    return spread(signs, right, width)


def matches(step: Step, wanted: str) -> bool:
    """Whether a step holds the text that is filtered for."""
    return all(
        word in f"{step.node.title} {step.hop_title} {step.node.probe or ''}".lower() for word in wanted.lower().split()
    )


def _options(walk: Walk, wanted: str) -> list[Option]:
    options: list[Option] = []
    kept = [(index, step) for index, step in enumerate(walk.steps) if matches(step, wanted)]
    failing = walk.verdict.failing_hop if walk.verdict else None
    for (hop, title), group in groupby(kept, key=lambda pair: (pair[1].hop, pair[1].hop_title)):
        header = inline((f"{title} ◀ fails here", "fail")) if hop == failing else inline((title, "dim"))
        options.append(Option(header, disabled=True))
        options += [Option(_row(walk, step), id=str(index)) for index, step in group]
    return options or [Option(inline(("no step holds that", "dim")), disabled=True)]


def _row(walk: Walk, step: Step) -> Content:
    look = "now" if step.place is Place.NOW else "dim" if step.place is Place.AHEAD or _blocked(walk, step) else ""
    return inline((" ", ""), _sign(walk, step), (" ", ""), (step.node.title, look))


def _sign(walk: Walk, step: Step) -> Segment:
    if step.place is Place.NOW:
        return NOW, "now"
    if step.place is Place.AHEAD and step.running:
        return "∙", "now"
    return glyph(step.status, _blocked(walk, step))


def _blocked(walk: Walk, step: Step) -> bool:
    hop = walk.verdict.path.hop(step.hop) if walk.verdict else None
    moot = step.status in (Status.SKIPPED, Status.UNKNOWN) or (step.status is Status.FAIL and not step.found)
    return bool(hop and hop.blocked and moot)
