"""The set-up: paste an address, or pick profile, Region, API, stage and method from lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Button, Footer, Input, Static

from wizard.model.case import Target
from wizard.model.text import Line, Segment
from wizard.report.page import line, paragraph
from wizard.ui.tui import keys
from wizard.ui.tui.form import VERBS, Form, example, split_verb
from wizard.ui.tui.paint import inline
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.pages import help_text
from wizard.ui.tui.services import Choice, Named, Trouble
from wizard.ui.tui.widgets.parts import Flow, Headline, Panel
from wizard.ui.tui.widgets.sized import Sized

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

FIELDS = {"profile": "Profile", "region": "Region", "api": "API", "stage": "Stage", "method": "Method"}
SEEN_IN = {"url": "calling the URL", "test-invoke": "the console's Test button (test-invoke)"}


class Field(Static, can_focus=True):
    """One row: a name and what is chosen; Enter opens its list."""

    BINDINGS = [keys.as_shown(keys.DETAILS, "open", "Choose")]

    class Opened(Message):
        """The person wants to change this field."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, name: str) -> None:
        super().__init__(id=name, markup=False, classes="field")
        self._field = name

    def show(self, title: str, value: Segment) -> None:
        """Show this value."""
        self.update(inline((f"{title:<9} ", "dim"), value, (" ▾", "dim")))

    def action_open(self) -> None:
        """Ask for the list."""
        self.post_message(self.Opened(self._field))

    def on_click(self) -> None:
        """A click opens, too."""
        self.action_open()


class Entry(Input):
    """A text field whose Enter starts the walk."""

    BINDINGS = [keys.as_shown(keys.DETAILS, "submit", "Start"), keys.LEAVE]


class SetupScreen(Sized[None]):
    """The form; everything it knows is one Form value."""

    BINDINGS = [
        keys.NEXT,
        keys.as_shown(keys.BACK, "leave", "Back"),
        keys.as_hidden(keys.FILTER, "filter"),
        keys.DOWN,
        keys.UP,
    ]
    AUTO_FOCUS = "#url"

    def __init__(self, form: Form, trouble: str = "") -> None:
        super().__init__()
        self.form, self.trouble = form, trouble

    def compose(self) -> ComposeResult:
        """The form, and beside it, where there is room, what will happen."""
        yield Headline(id="headline")
        with Container(id="setup"):
            with VerticalScroll(id="form", can_focus=False):
                yield Static("The address that fails", classes="heading", markup=False)
                yield Entry(
                    self.form.url,
                    placeholder="https://… paste it; put POST before it if it is not GET",
                    id="url",
                    compact=True,
                )
                yield Flow(id="read")
                yield Static("or pick it", classes="heading -more", markup=False)
                for name in FIELDS:
                    yield Field(name)
                yield Entry(self.form.request, id="request", compact=True)
                yield Static("What the client saw", classes="heading -more", markup=False)
                yield Entry(
                    self.form.status, placeholder="HTTP status, e.g. 502; may stay empty", id="status", compact=True
                )
                yield Field("seen_in")
                yield Button("Start", id="start", compact=True)
                yield Flow(id="trouble")
            with Vertical(id="about"):
                yield Panel("What happens", what_happens, id="next", focusable=False)
                yield Panel("Keys and signs", help_text, id="legend", focusable=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the form."""
        self.query_one(Headline).show_pair([("apigw-wizard", "strong"), ("  finds the hop that makes the 5xx", "dim")])
        self._redraw()

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    def say(self, trouble: str) -> None:
        """Show a line that says what is wrong."""
        self.trouble = trouble
        self._redraw()

    def _redraw(self) -> None:
        for name, title in FIELDS.items():
            self.query_one(f"#{name}", Field).show(title, self._value(name))
        self.query_one("#seen_in", Field).show("Seen by", (SEEN_IN[self.form.seen_in], ""))
        self.query_one("#read", Flow).show(self._reading)
        request = self.query_one("#request", Input)
        request.display = self.form.open
        request.placeholder = f"the request that failed, e.g. {example(self.form.method or '')}"
        trouble = self.trouble
        calm = self.form.missing() or "Only reads. What would really call your backend asks first."
        self.query_one("#trouble", Flow).show(
            lambda width: paragraph(
                trouble or calm, width, look="" if trouble else "dim", lead=("✖ ", "fail") if trouble else None
            )
        )

    def _value(self, name: str) -> Segment:
        if name in ("api", "stage") and self.form.url.strip():
            return "from the address", "dim"
        if name == "method" and self.form.url.strip():
            return split_verb(self.form.url, self.form.verb)[0], ""
        value = getattr(self.form, name)
        if value is None:
            return {"profile": "the default one", "region": "the profile's own"}.get(name, "pick…"), "dim"
        return (f"{value[1]} ({value[0]})", "") if isinstance(value, tuple) else (value, "")

    def _reading(self, width: int) -> list[Line]:
        if not self.form.url.strip() and self.form.missing():
            return paragraph("Any execute-api address, a custom domain, or a VPC endpoint address.", width, look="dim")
        try:
            target = self.form.target(self.wizard.services.target)
        except Trouble as trouble:
            return paragraph(str(trouble), width, look="warn", lead=("◆ ", "warn"))
        return paragraph(_summary(target), width, lead=("● ", "pass"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """The address, the request or the status."""
        self.form = self.form.with_value(event.input.id or "url", event.value)
        self.trouble = ""
        self._redraw()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Enter in a text field starts when there is enough."""
        self.action_start()

    def on_button_pressed(self) -> None:
        """Start."""
        self.action_start()

    def action_start(self) -> None:
        """Begin the walk, or say what is missing."""
        try:
            target = self.form.target(self.wizard.services.target)
            symptom = self.form.symptom()
        except Trouble as trouble:
            self.say(str(trouble))
            return
        self.wizard.begin(self.form, target, symptom)

    def on_field_opened(self, message: Field.Opened) -> None:
        """A list to pick from."""
        name = message.name
        if name == "seen_in":
            self._took(name, Named("test-invoke" if self.form.seen_in == "url" else "url"))
            return
        if name in ("stage", "method") and not self.form.api and not self.form.url.strip():
            self.say("Pick an API first.")
            return
        if name == "method" and self.form.url.strip():
            choose = Choose("Method", lambda: [Named(verb) for verb in VERBS])
        else:
            account, api = self.form.account, self.form.api[0] if self.form.api else None
            choose = Choose(
                FIELDS[name], lambda: self.wizard.services.choices(name, account, api), chosen=self._chosen(name)
            )
        self.app.push_screen(choose, lambda choice: self._took(name, choice))

    def _chosen(self, name: str) -> str:
        value = getattr(self.form, name)
        return str(value[0] if isinstance(value, tuple) else value or "")

    def _took(self, name: str, choice: Choice | None) -> None:
        if choice is None:
            return
        if name == "api":
            self.form = self.form.with_api((choice.id, choice.label))
            self.query_one("#url", Input).value = ""
        else:
            self.form = self.form.with_value(name, choice.id)
            if name == "method":
                self.query_one("#request", Input).value = ""
        self.trouble = ""
        self._redraw()
        if name == "method" and self.form.open:
            self.query_one("#request", Input).focus()
        elif name != "seen_in":
            self.focus_next()

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted outside a text field is the address."""
        field = self.query_one("#url", Input)
        if not field.has_focus:
            field.value = event.text.strip().splitlines()[0] if event.text.strip() else field.value
            field.focus()

    def action_leave(self) -> None:
        """Out of the text field, so that single keys work; then back to the walk, if there is one."""
        if isinstance(self.focused, Input):
            self.query_one("#profile", Field).focus()
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def action_filter(self) -> None:
        """To the address."""
        self.query_one("#url", Input).focus()

    def action_down(self) -> None:
        """The next field."""
        self.focus_next()

    def action_up(self) -> None:
        """The field before."""
        self.focus_previous()


def what_happens(width: int) -> list[Line]:
    """The three things that come next."""
    steps = (
        (
            "1  Trace",
            "The way of this request is read from the stage as it is deployed: method, integration, function.",
        ),
        ("2  Look", "Every hop on it is checked: settings, permissions, logs, metrics. Reading only."),
        ("3  Verdict", "The hop that fails, the proof, and the fix with your ids filled in."),
    )
    lines: list[Line] = []
    for title, words in steps:
        lines += [line((title, "now")), *paragraph(words, width, 3), ()]
    return lines + paragraph(
        "A test request to your backend is sent only after your yes, every time.", width, look="dim"
    )


def _summary(target: Target) -> str:
    place = f"API {target.api_id}" if target.api_id else f"custom domain {target.host}" if target.host else ""
    stage = f"stage {target.stage}" if target.stage else ""
    return " · ".join(part for part in (place, stage, f"{target.method} {target.path}", target.region) if part)
