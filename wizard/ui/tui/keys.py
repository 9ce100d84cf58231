"""Every key of the full-screen wizard. Each binding has an id, so that a keymap can move it."""

from __future__ import annotations

from textual.binding import Binding, BindingType


def key(keys: str, action: str, text: str, *, name: str, show: bool = True, first: bool = False) -> Binding:
    """A binding; `first` lets it win over the focused widget."""
    return Binding(keys, action, text, id=f"wizard.{name}", show=show, priority=first)


QUIT = key("q", "quit", "Quit", name="quit")
INTERRUPT = key("ctrl+c", "interrupt", "Quit", name="interrupt", show=False, first=True)
# The same where single letters are typed into a field, shown there.
LEAVE = key("ctrl+c", "app.interrupt", "Quit", name="interrupt", first=True)
HELP = key("question_mark", "help", "Help", name="help")
BACK = key("escape", "back", "Back", name="back")
FILTER = key("slash", "filter", "Filter", name="filter")
RERUN = key("r", "rerun", "Run again", name="rerun")
CONTINUE = key("c", "continue", "Continue", name="continue")
COPY = key("y", "copy", "Copy", name="copy")
EXPORT = key("e", "export", "Export", name="export")
DETAILS = key("enter", "details", "Details", name="details")
DOWN = key("down,j", "down", "Down", name="down", show=False)
UP = key("up,k", "up", "Up", name="up", show=False)
LEFT = key("left,h", "left", "Left", name="left", show=False)
RIGHT = key("right,l", "right", "Right", name="right", show=False)
PAGE_DOWN = key("pagedown,space", "page_down", "Page down", name="page-down", show=False)
PAGE_UP = key("pageup", "page_up", "Page up", name="page-up", show=False)
NEXT = key("tab", "app.focus_next", "Next", name="next")
YES = key("y", "answer('yes')", "Yes", name="yes")
NO = key("n", "answer('no')", "No", name="no")
UNSURE = key("u", "answer('unsure')", "Unsure", name="unsure")
SKIP = key("s", "skip", "Skip", name="skip")

APP: list[BindingType] = [QUIT, INTERRUPT, HELP]
MOVE: list[BindingType] = [DOWN, UP, PAGE_DOWN, PAGE_UP]

# The help screen: (keys, what they do), by place.
HELP_TEXT: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Everywhere",
        (
            ("↑ ↓ or k j", "move"),
            ("Tab", "next panel"),
            ("Enter", "open, choose"),
            ("Esc", "back"),
            ("/", "filter a list"),
            ("Ctrl+P", "all commands, themes"),
            ("?", "this help"),
            ("q or Ctrl+C", "quit, at any time"),
        ),
    ),
    (
        "While it looks",
        (
            ("c", "follow the walk, then to the verdict"),
            ("s", "skip: wait no longer for this check"),
            ("r", "run the check again"),
            ("y", "copy the AWS CLI line of the step"),
            ("Enter", "the step in pictures, or all that it showed"),
        ),
    ),
    (
        "At a question",
        (
            ("y  n  u", "yes, no, unsure"),
            ("s or Esc", "skip it: no / unsure"),
            ("Enter", "the marked answer; a request is never sent by default"),
        ),
    ),
    (
        "At the verdict",
        (
            ("← → or h l", "the fix as CLI, SAM, Terraform, console, code"),
            ("Enter", "the evidence: when, durations, log, changes, traces"),
            ("y", "copy the selected command or id"),
            ("e", "save a redacted report"),
            ("r", "run the check again"),
            ("Esc", "back to the walk"),
        ),
    ),
)
SIGNS = (
    ("●", "pass", "ok"),
    ("◆", "warn", "works, but look"),
    ("✖", "fail", "fails"),
    ("?", "unknown", "no answer"),
    ("○", "skipped", "does not apply"),
    ("◌", "blocked", "no request gets here"),
)


def as_hidden(binding: Binding, action: str) -> Binding:
    """The same key and id for another action, not shown in the footer."""
    return key(binding.key, action, binding.description, name=(binding.id or "").removeprefix("wizard."), show=False)


def as_shown(binding: Binding, action: str, text: str) -> Binding:
    """The same key and id with other words in the footer."""
    return key(binding.key, action, text, name=(binding.id or "").removeprefix("wizard."))


# What works above every screen; a modal one does not hand keys on to the app.
MODAL: list[BindingType] = [as_shown(QUIT, "app.quit", "Quit"), as_hidden(HELP, "app.help")]
