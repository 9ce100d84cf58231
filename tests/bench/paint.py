"""Milliseconds from process start to the first frame.

Of the wizard's set-up screen, or of a bare app with the same widgets.
"""

import sys
from time import time

import psutil

BORN = psutil.Process().create_time()


def painted() -> None:
    """Print how old this process is and leave."""
    print((time() - BORN) * 1000, flush=True)


def bare() -> None:
    """The kinds and numbers of widgets of the set-up screen, straight from Textual."""
    from textual.app import App, ComposeResult
    from textual.containers import Container, Vertical, VerticalScroll
    from textual.widgets import Button, Footer, Input, Static

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("headline")
            with Container(), VerticalScroll():
                for name in ("heading", "read", "heading", *("field",) * 7, "heading", "trouble"):
                    yield Static(name)
                yield Input(placeholder="url", compact=True)
                yield Input(placeholder="status", compact=True)
                yield Button("Start", compact=True)
            with Vertical():
                for name in ("next", "legend"):
                    with VerticalScroll():
                        yield Static(name)
            yield Footer(show_command_palette=False)

        def on_ready(self) -> None:
            painted()
            self.exit()

    Bare().run(headless=True, size=(120, 40))


def wizard() -> None:
    """The app as the bare command starts it."""
    import wizard.cli  # noqa: F401  # what a person's start pays for, too
    from wizard.aws.session import connect
    from wizard.ui.settings import Settings
    from wizard.ui.tui.app import WizardApp
    from wizard.ui.tui.live import LiveServices

    def ready(self: WizardApp) -> None:
        painted()
        self.exit(0)

    WizardApp.on_ready = ready  # type: ignore[attr-defined]  # Textual calls it once the first frame is out
    WizardApp(LiveServices(Settings(connect=connect))).run(headless=True, size=(120, 40))


if __name__ == "__main__":
    {"bare": bare, "wizard": wizard}[sys.argv[1]]()
