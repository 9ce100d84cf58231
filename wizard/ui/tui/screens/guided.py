"""A command for somebody who has credentials, and the place to paste what it printed."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import TextArea

from wizard.model.text import Line, safe
from wizard.report.page import line, paragraph
from wizard.ui.guided import ENOUGH, NOTHING, SKIP, Request
from wizard.ui.tui import keys
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow

_LONGEST = 700  # characters of a command that are shown; what is copied is whole
_HINT = "Paste here. Or type @file, the name of a file that holds it, and press Enter."


class Paste(TextArea):
    """Takes a paste of any size: one that is an answer already is handed on at once, and never laid out.

    What its handlers do not stop goes on to those of the text area.
    """

    class Given(Message):
        """This is the answer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    async def _on_paste(self, event: events.Paste) -> None:
        from wizard.aws.cli_answer import is_whole

        given = self.text + event.text
        if is_whole(given):
            event.prevent_default()
            event.stop()
            self.post_message(self.Given(given))

    async def _on_key(self, event: events.Key) -> None:
        from wizard.aws.cli_answer import is_whole

        if event.key == "enter" and (self.document.line_count == 1 or is_whole(self.text)):
            event.prevent_default()
            event.stop()
            self.post_message(self.Given(self.text))


class GuidedScreen(ModalScreen[str]):
    """One command of a walk without credentials; gives what PastedAws takes: an output, @file or a word."""

    BINDINGS = [
        keys.TAKE,
        keys.COPY_COMMAND,
        keys.as_shown(keys.BACK, "give('skip')", "Leave it out"),
        keys.NOTHING,
        keys.ENOUGH,
        keys.TEXT_DOWN,
        keys.TEXT_UP,
        keys.LEAVE,
    ]
    AUTO_FOCUS = "#paste"
    DEFAULT_CSS = """
    GuidedScreen { align: center middle; background: $background 60%; }
    GuidedScreen > Vertical {
        width: 100; max-width: 96%; height: auto; max-height: 94%;
        background: $surface; border: round $primary; padding: 0 2;
    }
    GuidedScreen #command { height: auto; max-height: 50vh; scrollbar-size-vertical: 1; }
    GuidedScreen #paste { height: 5; min-height: 3; margin: 1 0; border: round $accent; padding: 0 1; }
    """

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request

    def compose(self) -> ComposeResult:
        """The command, the place for its output, the keys."""
        with Vertical():
            with VerticalScroll(id="command", can_focus=False):
                yield Flow(self.words)
            yield Paste(id="paste", soft_wrap=False, show_line_numbers=False, placeholder=_HINT)
        yield KeyLine()

    def words(self, width: int) -> list[Line]:
        """Which step asks, why, and for what."""
        request, wanted = self.request, self.request.wanted
        lines = [*paragraph(f"Command {request.number}: {request.step}", width, look="title"), ()]
        if wanted.refused:
            lines += [*paragraph(f"That cannot be used: {wanted.refused}.", width, lead=("✖ ", "fail")), ()]
        else:
            lines += [*paragraph(request.why, width, look="dim"), ()]
        if request.found:
            known = f"Proven already: {request.found}. Ctrl+E leads to the verdict."
            lines += [*paragraph(known, width, look="strong"), ()]
        told = "It really calls the backend, as you agreed" if wanted.runs else "It only reads"
        lines += [line((f"{told}. Run it where the credentials are:", "dim"))]
        command = wanted.command
        shown = command if len(command) <= _LONGEST else f"{command[:_LONGEST]}… (Ctrl+Y copies all of it)"
        lines += [*paragraph(shown, width, 2, "code"), ()]
        lines += paragraph(f"Expected: {wanted.expected}", width, look="dim")
        return lines + (
            paragraph("It may print nothing: then Ctrl+N.", width, look="dim") if wanted.may_be_empty else []
        )

    def on_paste_given(self, message: Paste.Given) -> None:
        """The output has come."""
        self.dismiss(message.text)

    def action_text_down(self) -> None:
        """Read on."""
        self.query_one("#command", VerticalScroll).scroll_page_down(animate=False)

    def action_text_up(self) -> None:
        """Read back."""
        self.query_one("#command", VerticalScroll).scroll_page_up(animate=False)

    def action_take(self) -> None:
        """What stands there is the output."""
        self.dismiss(self.query_one(Paste).text)

    def action_give(self, word: str) -> None:
        """A word in place of an output."""
        assert word in (SKIP, NOTHING, ENOUGH)
        self.dismiss(word)

    def action_copy_command(self) -> None:
        """The whole command into the clipboard."""
        self.app.copy_to_clipboard(self.request.wanted.command)
        self.notify(safe(f"Copied: {self.request.wanted.what}"), timeout=2, markup=False)
