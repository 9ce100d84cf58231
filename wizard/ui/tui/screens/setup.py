"""The set-up: paste an address, or pick profile, Region, API, stage and method from lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.widgets import Button, Input, Static

from wizard.model.text import Line, Segment
from wizard.report.page import paragraph
from wizard.ui.tui import keys
from wizard.ui.tui.form import VERBS, Form, example, split_verb
from wizard.ui.tui.screens.choose import Choose
from wizard.ui.tui.screens.pages import help_text
from wizard.ui.tui.services import Choice, Named, Told, Trouble, in_thread
from wizard.ui.tui.setup_view import summary, told_lines, what_happens
from wizard.ui.tui.widgets.entries import Entry, Field, is_log
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow, Headline, Panel
from wizard.ui.tui.widgets.sized import Sized

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp

FIELDS = {"profile": "Profile", "region": "Region", "api": "API", "stage": "Stage", "method": "Method"}
SEEN_IN = {"url": "calling the URL", "test-invoke": "the console's Test button (test-invoke)"}


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
        self._told: Told | None = None
        self._recent = 0

    def compose(self) -> ComposeResult:
        """The form, and beside it, where there is room, what will happen."""
        yield Headline(id="headline")
        with Container(id="setup"):
            with VerticalScroll(id="form", can_focus=False):
                yield Static("The address that fails, a request id, or a whole log", classes="heading", markup=False)
                yield Entry(
                    self.form.url,
                    placeholder="paste it here; put POST before an address if it is not GET",
                    id="url",
                    compact=True,
                )
                yield Flow(id="read")
                yield Static("or pick it", classes="heading -more", markup=False)
                yield Field("recent")
                for name in FIELDS:
                    yield Field(name)
                yield Entry(self.form.request, id="request", compact=True)
                yield Static("What the client saw", classes="heading -more", markup=False)
                yield Entry(
                    self.form.status,
                    placeholder="HTTP status, e.g. 502; may stay empty",
                    id="status",
                    type="integer",
                    compact=True,
                )
                yield Field("seen_in")
                yield Button("Start", id="start", compact=True)
                yield Flow(id="trouble")
            with Vertical(id="about"):
                yield Panel("What happens", what_happens, id="next", focusable=False)
                yield Panel("Keys and signs", help_text, id="legend", focusable=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the form."""
        self.query_one(Headline).show_pair([("apigw-wizard", "strong"), ("  finds the hop that makes the 5xx", "dim")])
        self._redraw()
        self.call_after_refresh(self._look_for_cases)

    def _look_for_cases(self) -> None:
        self.run_worker(self._count(), group="recent")

    async def _count(self) -> None:
        self._recent = len(await in_thread(self.wizard.services.recent))
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
        cases = f"{self._recent} to take up again" if self._recent else "none yet; every case saves itself"
        self.query_one("#recent", Field).show("Recent", (cases, "dim"))
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
        if name in ("api", "stage") and self.form.address:
            return "from the address", "dim"
        if name == "method" and self.form.address:
            return split_verb(self.form.address, self.form.verb)[0], ""
        value = getattr(self.form, name)
        if value is None:
            return {"profile": "the default one", "region": "the profile's own"}.get(name, "pick…"), "dim"
        return (f"{value[1]} ({value[0]})", "") if isinstance(value, tuple) else (value, "")

    def _reading(self, width: int) -> list[Line]:
        if self._told:
            return told_lines(self._told, width)
        if not self.form.address and self.form.request_id:
            return paragraph("A request id: now pick its API.", width, lead=("● ", "pass"))
        if not self.form.address and self.form.missing():
            return paragraph(
                "An execute-api address, a custom domain, a request id, or many lines of log.", width, look="dim"
            )
        try:
            target = self.form.target(self.wizard.services.target)
        except Trouble as trouble:
            return paragraph(str(trouble), width, look="warn", lead=("◆ ", "warn"))
        return paragraph(summary(target), width, lead=("● ", "pass"))

    def on_input_changed(self, event: Input.Changed) -> None:
        """The address, the request or the status."""
        name = event.input.id or "url"
        if event.value == getattr(self.form, name):
            return
        self.form = self.form.with_value(name, event.value)
        if name == "url":
            self._told = None
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
        if name == "recent":
            self._open_recent()
            return
        if name == "seen_in":
            self._took(name, Named("test-invoke" if self.form.seen_in == "url" else "url"))
            return
        if name in ("stage", "method") and not self.form.api and not self.form.address:
            self.say("Pick an API first.")
            return
        if name == "method" and self.form.address:
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
        """What is pasted outside a text field is the address, or a log."""
        field = self.query_one("#url", Input)
        if is_log(event.text):
            self._read(event.text)
        elif not isinstance(self.focused, Input):
            field.value = event.text.strip() or field.value
            field.focus()

    def on_entry_log(self, message: Entry.Log) -> None:
        """A log was pasted into a field."""
        self._read(message.text)

    def on_entry_astray(self, message: Entry.Astray) -> None:
        """An address was pasted where the status stands: it goes where addresses stand."""
        field = self.query_one("#url", Input)
        field.value = message.text
        field.focus()

    def _read(self, text: str) -> None:
        self.run_worker(self._read_log(text), group="log", exclusive=True)

    async def _read_log(self, text: str) -> None:
        try:
            told = await in_thread(lambda: self.wizard.services.read_log(text))
        except Trouble as trouble:
            self.say(str(trouble))
            return
        self._told, self.form, self.trouble = told, self.form.with_clues(told.clues), ""
        self.query_one("#url", Input).value = self.form.url
        self.query_one("#status", Input).value = self.form.status
        self._redraw()

    def _open_recent(self) -> None:
        choose = Choose("Recent cases", self.wizard.services.recent)
        self.app.push_screen(choose, lambda case: self.wizard.take_up(case.id) if case else None)

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
