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
VERDICT = key("c", "verdict", "Verdict", name="continue")
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
RETRY = key("t", "retry", "Try again", name="retry")
ANSWER = key("b", "answer_again", "Answer again", name="answer-again", show=False)
STEPWISE = key("p", "stepwise", "Step by step", name="step-by-step")
FACTS = key("f", "facts", "Facts", name="facts")
JUMP = key("g", "jump", "Hops", name="jump")
LINK = key("o", "link", "Link", name="console-link")
FIXED = key("x", "fixed", "I fixed it", name="fixed")
FIXED_STILL = key("x", "fixed_still", "Check again", name="fixed")
OPEN = key("enter", "open", "Open", name="details")
# At a command of guided mode, where letters are typed.
TAKE = key("ctrl+s", "take", "Use it", name="use-output", first=True)
COPY_COMMAND = key("ctrl+y", "copy_command", "Copy", name="copy-command", first=True)
NOTHING = key("ctrl+n", "give('nothing')", "It printed nothing", name="printed-nothing", first=True)
ENOUGH = key("ctrl+e", "give('enough')", "Enough", name="enough", first=True)
TEXT_DOWN = key("pagedown", "text_down", "Read on", name="text-down", show=False, first=True)
TEXT_UP = key("pageup", "text_up", "Read back", name="text-up", show=False, first=True)

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
            ("g", "jump to a hop: resource, settings, evidence"),
            ("Ctrl+P", "all commands, steps, hops, themes"),
            ("?", "this help"),
            ("q or Ctrl+C", "quit, at any time"),
        ),
    ),
    (
        "While it looks",
        (
            ("c", "look at the step that waits; follow; to the verdict"),
            ("p", "step by step, or on its own again"),
            ("s", "skip this check, or wait no longer for it"),
            ("t", "this one check with fresh answers; a question anew"),
            ("b", "back to the last question, to answer otherwise"),
            ("← →", "a hop of the path; Enter opens it"),
            ("f", "all facts of the step, or none"),
            ("y", "copy the AWS CLI line of the step"),
            ("r", "run everything again"),
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
        "At a command (--guided)",
        (
            ("Ctrl+Y", "copy the command; paste its output, or type @file"),
            ("Ctrl+S", "use what stands there; JSON that is whole is used at once"),
            ("Esc", "leave the command out"),
            ("Ctrl+N", "it printed nothing"),
            ("Ctrl+E", "enough: to the verdict with what is known"),
        ),
    ),
    (
        "At the verdict",
        (
            ("← → or h l", "the fix as CLI, SAM, Terraform, console, code"),
            ("Enter", "the evidence: when, durations, log, changes, traces"),
            ("y", "copy the selected command or id"),
            ("e", "save a redacted report, in a format of your choice"),
            ("x", "I fixed it: check that again"),
            ("r", "run everything again"),
            ("Esc", "back to the walk"),
        ),
    ),
    (
        "At a hop",
        (
            ("← → or h l", "the hop before, the next one"),
            ("f", "its facts"),
            ("y  o", "copy the resource, its console address"),
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


def actions() -> list[str]:
    """The ids by which keys can be moved."""
    found = [value.id for value in globals().values() if isinstance(value, Binding) and value.id]
    return sorted({name.removeprefix("wizard.") for name in found})


def as_hidden(binding: Binding, action: str) -> Binding:
    """The same key and id for another action, not shown in the footer."""
    return key(binding.key, action, binding.description, name=(binding.id or "").removeprefix("wizard."), show=False)


def as_shown(binding: Binding, action: str, text: str) -> Binding:
    """The same key and id with other words in the footer."""
    return key(binding.key, action, text, name=(binding.id or "").removeprefix("wizard."))


# What works above every screen; a modal one does not hand keys on to the app.
MODAL: list[BindingType] = [as_shown(QUIT, "app.quit", "Quit"), as_hidden(HELP, "app.help")]
