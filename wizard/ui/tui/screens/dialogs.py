"""Questions to the person: may this really run, and what does a check by hand show."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button

from wizard.model.events import Question
from wizard.model.text import Line
from wizard.report.page import line, paragraph
from wizard.ui.tui import keys
from wizard.ui.tui.paint import inline
from wizard.ui.tui.widgets.parts import Flow

_LABELS = {"yes": "Yes", "no": "No", "unsure": "Unsure"}


class Dialog(ModalScreen[str]):
    """A question with its answers as buttons; the answer of somebody who just presses Enter is marked."""

    AUTO_FOCUS = ""
    ANSWERS: tuple[str, ...] = ()
    SKIPPED = "no"

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        """The question, then the answers."""
        with Vertical(id="dialog"):
            with VerticalScroll(id="question", can_focus=False):
                yield Flow(self.words)
            with Horizontal(id="answers"):
                for answer in self.ANSWERS:
                    label = inline((answer[0], "strong"), (f" {_LABELS[answer]}", ""))
                    yield Button(label, id=answer, compact=True)

    def words(self, width: int) -> list[Line]:
        """The question."""
        raise AssertionError("a dialog says something")

    def on_mount(self) -> None:
        """Mark the default."""
        default = self.question.default if self.question.default in self.ANSWERS else self.SKIPPED
        self.query_one(f"#{default}", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button is an answer."""
        self.dismiss(event.button.id or self.SKIPPED)

    def action_answer(self, answer: str) -> None:
        """A key is an answer."""
        self.dismiss(answer)

    def action_skip(self) -> None:
        """Nothing is said."""
        self.dismiss(self.SKIPPED)

    def action_down(self) -> None:
        """Read on."""
        self.query_one("#question", VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Read back."""
        self.query_one("#question", VerticalScroll).scroll_up(animate=False)

    def action_right(self) -> None:
        """The next answer."""
        self.focus_next()

    def action_left(self) -> None:
        """The answer before."""
        self.focus_previous()


class Consent(Dialog):
    """May this run? It really calls the backend, so the default is No."""

    BINDINGS = [
        keys.YES,
        *keys.MODAL,
        keys.NO,
        keys.SKIP,
        keys.as_hidden(keys.BACK, "skip"),
        keys.DOWN,
        keys.UP,
        keys.LEFT,
        keys.RIGHT,
    ]
    ANSWERS = ("no", "yes")

    def __init__(self, question: Question, known: str = "") -> None:
        super().__init__(question)
        self._known = known

    def words(self, width: int) -> list[Line]:
        """What exactly will run."""
        question = self.question
        lines = [*paragraph(f"May this run? {question.title}", width, look="title", lead=("◆ ", "warn")), ()]
        lines += paragraph(question.text, width, 2)
        if question.command:
            lines += [(), line(("  It sends", "dim")), *paragraph(question.command, width, 2, "code")]
        calm = "Everything else only reads. Without a yes this check is left out."
        if self._known:
            calm = f"Without a yes this check is left out. Known already: {self._known}"
        return [*lines, (), *paragraph(calm, width, 2, "dim")]


class ByHand(Dialog):
    """A check that only the person can do."""

    BINDINGS = [
        keys.YES,
        *keys.MODAL,
        keys.NO,
        keys.UNSURE,
        keys.SKIP,
        keys.as_hidden(keys.BACK, "skip"),
        keys.DOWN,
        keys.UP,
        keys.LEFT,
        keys.RIGHT,
    ]
    ANSWERS = ("yes", "no", "unsure")
    SKIPPED = "unsure"

    def words(self, width: int) -> list[Line]:
        """The question, and how to find out."""
        question = self.question
        lines = [
            *paragraph(question.title, width, look="title", lead=("? ", "unknown")),
            *paragraph(question.text, width, 2),
        ]
        if question.command:
            lines += [(), line(("  How to find out", "dim")), *paragraph(question.command, width, 2, "code")]
        return lines
