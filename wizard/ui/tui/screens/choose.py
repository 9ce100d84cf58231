"""A list to pick from: it loads in a thread, typing filters it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from wizard.ui.tui import keys
from wizard.ui.tui.paint import inline
from wizard.ui.tui.services import Choice, Trouble, in_thread
from wizard.ui.tui.widgets.entries import Typed

_SHOWN = 300


class Choose(ModalScreen["Choice | None"]):
    """Gives the choice that was picked, None for none. `load` blocks and may raise Trouble.

    `chosen` is the id that is marked at first, where it is in the list.
    """

    BINDINGS = [keys.BACK, keys.as_hidden(keys.FILTER, "filter"), *keys.MOVE]

    AUTO_FOCUS = ""

    def __init__(self, title: str, load: Callable[[], Sequence[Choice]], chosen: str = "") -> None:
        super().__init__()
        self._title, self._load, self._chosen = title, load, chosen
        self._all: Sequence[Choice] = ()
        self._kept: list[Choice] = []

    def compose(self) -> ComposeResult:
        """The filter above, the list below, how many at the end."""
        with Vertical(id="choose") as box:
            box.border_title = self._title
            box.border_subtitle = "Enter picks · Esc back"
            yield Typed(placeholder="type to filter", compact=True)
            yield OptionList(markup=False)
            yield Static(inline(("Loading…", "dim")), id="count", markup=False)

    def on_mount(self) -> None:
        """Type at once; the list comes when it comes."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self.run_worker(self._fill(), exclusive=True)

    async def _fill(self) -> None:
        try:
            self._all = await in_thread(self._load)
        except Trouble as trouble:
            self.query_one("#count", Static).update(inline(("✖ ", "fail"), str(trouble)))
            return
        self._show()

    def _show(self) -> None:
        words = self.query_one(Input).value.lower().split()
        kept = [c for c in self._all if all(word in f"{c.label} {c.detail}".lower() for word in words)]
        # What is named so stands before what is only said to be so.
        self._kept = sorted(kept, key=lambda c: not all(word in c.label.lower() for word in words))
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options(
            [Option(inline(c.label, (f"  {c.detail}" if c.detail else "", "dim"))) for c in self._kept[:_SHOWN]]
        )
        ids = [choice.id for choice in self._kept[:_SHOWN]]
        listing.highlighted = ids.index(self._chosen) if self._chosen in ids else 0 if ids else None
        more = f", the first {_SHOWN} shown" if len(self._kept) > _SHOWN else ""
        cut = "; there are more than could be listed" if any(getattr(c, "truncated", False) for c in self._all) else ""
        told = f"{len(self._kept)} of {len(self._all)}{more}{cut}" if self._all else "There is nothing to choose; Esc."
        self.query_one("#count", Static).update(inline((told, "dim")))

    def on_input_changed(self, _: Input.Changed) -> None:
        """Another filter."""
        if self._all:
            self._show()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Enter picks what is marked."""
        index = self.query_one(OptionList).highlighted
        if index is not None and index < len(self._kept):
            self.dismiss(self._kept[index])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click picks."""
        self.dismiss(self._kept[event.option_index])

    def action_down(self) -> None:
        """The next one."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The one before."""
        self.query_one(OptionList).action_cursor_up()

    def action_page_down(self) -> None:
        """A page on."""
        self._page(1)

    def action_page_up(self) -> None:
        """A page back."""
        self._page(-1)

    def _page(self, by: int) -> None:
        listing = self.query_one(OptionList)
        if self._kept:
            last = min(len(self._kept), _SHOWN) - 1
            listing.highlighted = min(max((listing.highlighted or 0) + by * max(listing.size.height, 1), 0), last)

    def action_filter(self) -> None:
        """Back to the filter."""
        self.query_one(Input).focus()

    def action_back(self) -> None:
        """Nothing is picked."""
        self.dismiss(None)
