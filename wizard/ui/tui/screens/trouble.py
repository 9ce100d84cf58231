"""Nothing could be looked at: what went wrong, what to do, and the key that tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from wizard.model.status import Reason
from wizard.ui.tui import keys
from wizard.ui.tui.trouble_view import command_for, trouble_page
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow, Headline
from wizard.ui.tui.widgets.sized import Sized

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp


class TroubleScreen(Sized[None]):
    """Stands above the walk until it is tried again or something else is chosen."""

    BINDINGS = [
        keys.as_shown(keys.RERUN, "rerun", "Try again"),
        keys.COPY,
        keys.as_shown(keys.BACK, "setup", "Set-up"),
        keys.as_shown(keys.CONTINUE, "walk", "The walk"),
    ]
    AUTO_FOCUS = ""

    def __init__(self, reason: Reason | None, words: str) -> None:
        super().__init__()
        self.reason, self.words = reason, words

    def compose(self) -> ComposeResult:
        """The words in the middle."""
        profile = self.wizard.session.account.profile
        yield Headline(id="headline")
        with VerticalScroll(id="sorry", can_focus=False):
            yield Flow(lambda width: trouble_page(self.reason, self.words, profile, width))
        yield KeyLine()

    def on_mount(self) -> None:
        """What was to be looked at."""
        self.query_one(Headline).show_pair(self.wizard.label(), [("stopped", "fail")])

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    def action_rerun(self) -> None:
        """Once more."""
        self.wizard.rerun()

    def action_copy(self) -> None:
        """The command that helps."""
        self.wizard.copy(command_for(self.reason, self.wizard.session.account.profile))

    def action_setup(self) -> None:
        """Choose anew."""
        self.dismiss(None)
        self.wizard.to_setup()

    def action_walk(self) -> None:
        """What little is known."""
        self.dismiss(None)
