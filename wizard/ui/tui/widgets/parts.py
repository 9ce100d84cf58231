"""Lines that flow into whatever width there is: headline, panels, the picture of the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from wizard.model.path import Path
from wizard.model.text import Line, Segment
from wizard.ui.draw import choose
from wizard.ui.tui import keys
from wizard.ui.tui.paint import calm, content, spread

# What to show in so many columns.
Build: TypeAlias = Callable[[int], Sequence[Line]]


class Flow(Widget):
    """As high as its lines are at the width it is given.

    The lines are built once for each width and size of the screen, until `show` or `renew` says that they are others: a
    layout asks for the height several times before anything is drawn.
    """

    DEFAULT_CSS = "Flow { width: 1fr; height: auto; }"

    def __init__(self, build: Build = lambda _: (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._build = build
        self._built: dict[tuple[int, Size], Sequence[Line]] = {}

    def show(self, build: Build) -> None:
        """Show these lines."""
        self._build = build
        self.renew()

    def renew(self) -> None:
        """What was built is out of date."""
        self._built.clear()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are."""
        return len(self._lines_at(width)) if width > 0 else 0

    def render(self) -> Content:
        """The lines."""
        return content(self._lines_at(self.content_size.width))

    def _lines_at(self, width: int) -> Sequence[Line]:
        key = width, self.app.size
        if key not in self._built:
            self._built[key] = self._build(width)
        return self._built[key]


class Headline(Flow):
    """One line: what is looked at on the left, how it stands on the right."""

    def show_pair(self, left: Sequence[Segment], right: Sequence[Segment] = ()) -> None:
        """Show these words; the left ones are shortened when both do not fit."""
        self.show(lambda width: [spread(left, right, width)])


class Panel(VerticalScroll):
    """A titled piece of text that scrolls. `copies` is what the copy key takes from it."""

    def __init__(self, title: str, build: Build = lambda _: (), *, id: str, focusable: bool = True) -> None:
        super().__init__(id=id, can_focus=focusable)
        self.border_title = title
        self.copies = ""
        self._flow = Flow(build)

    def compose(self) -> ComposeResult:
        """The text."""
        yield self._flow

    def show(self, build: Build, copies: str = "") -> None:
        """Show these lines."""
        self.copies = copies
        self._flow.show(build)


class PathView(Flow):
    """The picture of the path, in at most a given share of the screen's height; the failing hop is always in it."""

    BINDINGS = [keys.LEFT, keys.RIGHT, keys.OPEN, keys.as_hidden(keys.BACK, "leave")]
    can_focus = True

    @dataclass
    class Opened(Message):
        """The person wants to see this hop."""

        hop: str

    def __init__(self, share: float, *, id: str) -> None:
        super().__init__(self._picture, id=id)
        self.border_title = "Path"
        self._share = share
        self._path, self._waiting = Path(), ""
        # The marked hop; empty for none.
        self.at = ""

    def show_path(self, path: Path, waiting: str = "", at: str | None = None) -> None:
        """Show this path, or the waiting words as long as it has no hops; mark another hop where one is given."""
        self._path, self._waiting = path, waiting
        self.at = self.at if at is None else at
        self.renew()

    def on_focus(self) -> None:
        """Mark the hop that fails, or the first one."""
        ids = [hop.id for hop in self._path.hops]
        if ids and self.at not in ids:
            self.at = self._path.failing or ids[0]
        self.border_title = "Path · ← → a hop · Enter opens it · Esc leaves"
        self.renew()

    def on_blur(self) -> None:
        """No hop is marked any more."""
        self.at, self.border_title = "", "Path"
        self.renew()

    def on_click(self) -> None:
        """A click is as good as Tab."""
        self.focus()

    def action_left(self) -> None:
        """The hop before."""
        self._turn(-1)

    def action_right(self) -> None:
        """The next hop."""
        self._turn(1)

    def action_open(self) -> None:
        """The page of the marked hop."""
        if self.at:
            self.post_message(self.Opened(self.at))

    def action_leave(self) -> None:
        """Back to the screen."""
        self.screen.set_focus(None)

    def _turn(self, by: int) -> None:
        ids = [hop.id for hop in self._path.hops]
        if self.at in ids:
            self.at = ids[(ids.index(self.at) + by) % len(ids)]
            self.renew()

    def _picture(self, width: int) -> Sequence[Line]:
        if not self._path.hops:
            return [((self._waiting, "dim"),)]
        return calm(choose(self._path, width, max(int(self.app.size.height * self._share), 4), self.at))
