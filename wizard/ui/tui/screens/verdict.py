"""The verdict: what fails and why, causes, proof, the fix in every form, what is ruled out and what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from wizard.model.status import Status
from wizard.model.tree import Tree
from wizard.model.verdict import Finding, Verdict
from wizard.ui.tui import keys
from wizard.ui.tui import verdict_view as view
from wizard.ui.tui.paint import content
from wizard.ui.tui.widgets.fixes import Fixes
from wizard.ui.tui.widgets.keyline import KeyLine
from wizard.ui.tui.widgets.parts import Flow, Headline, Panel, PathView
from wizard.ui.tui.widgets.sized import Sized

if TYPE_CHECKING:
    from wizard.ui.tui.app import WizardApp


class VerdictScreen(Sized[None]):
    """Shows one verdict. The fix of the selected cause is in focus; Tab goes round the panels.

    `mended` is the finding that the person says is fixed, and the verdict it stood in.
    """

    BINDINGS = [
        keys.COPY,
        keys.EXPORT,
        keys.FIXED,
        keys.FIXED_STILL,
        keys.as_shown(keys.DETAILS, "details", "Evidence"),
        keys.JUMP,
        keys.as_hidden(keys.RERUN, "rerun"),
        keys.as_shown(keys.BACK, "back", "Walk"),
        keys.as_hidden(keys.CONTINUE, "back"),
        *keys.MOVE,
    ]

    AUTO_FOCUS = ""

    def __init__(self, result: Verdict, tree: Tree, mended: tuple[Finding, Verdict] | None = None) -> None:
        super().__init__()
        self.result, self._tree, self._mended = result, tree, mended
        self._selected = 0

    def compose(self) -> ComposeResult:
        """From the sentence down to what was not checked."""
        result, tree = self.result, self._tree
        shape = {0: "-none", 1: "-single"}.get(len(result.findings), "")
        shape += "" if result.not_checked else " -checked"
        yield Headline(id="headline")
        with Container(id="verdict", classes=f"-{result.outcome.value}"):
            if self._mended:
                finding, before = self._mended
                yield Flow(lambda width: view.after_fix(finding, before, result, width), id="mended")
            yield Flow(lambda width: view.top(result, tree, width), id="top")
            yield PathView(0.25, id="path")
            with Container(id="grid", classes=shape):
                yield from self._panels()
        yield KeyLine()

    def _panels(self) -> ComposeResult:
        result, tree = self.result, self._tree
        unchecked, out, seen = result.not_checked, result.ruled_out, result.evidence
        if result.findings:
            yield self._causes()
            yield Fixes(id="fix")
            yield Panel("Proof", id="proof")
        else:
            count = sum(item.status is not Status.SKIPPED for item in seen)
            yield Panel(f"Looked at ({count})", lambda width: view.looked_at(seen, width), id="seen")
        yield Panel(f"Not checked ({len(unchecked)})", lambda width: view.not_checked(unchecked, width), id="unchecked")
        yield Panel(f"Ruled out ({len(out)})", lambda width: view.ruled_out(out, tree, width), id="ruled")

    def _causes(self) -> OptionList:
        rows = [
            Option(content(view.cause_row(finding)), id=str(index))
            for index, finding in enumerate(self.result.findings)
        ]
        causes = OptionList(*rows, id="causes", markup=False)
        causes.border_title = f"Causes ({len(rows)})" if len(rows) > 1 else "Cause"
        return causes

    def on_mount(self) -> None:
        """Fill the panels, the first cause selected."""
        result = self.result
        self.query_one(Headline).show_pair(self.wizard.label(), view.stands(result))
        self.query_one(PathView).show_path(result.path)
        self.query_one(PathView).display = bool(result.path.hops)
        self.query_one("#unchecked", Panel).copies = next(
            (item.manual for item in result.not_checked if item.manual), ""
        )
        if result.findings:
            self.query_one("#causes", OptionList).highlighted = 0
            self._select(0)
            self.query_one(Fixes).focus(scroll_visible=False)
        else:
            self.query_one("#unchecked" if result.not_checked else "#seen", Panel).focus(scroll_visible=False)

    @property
    def wizard(self) -> WizardApp:
        """The app this screen belongs to."""
        return cast("WizardApp", self.app)

    def _select(self, index: int) -> None:
        self._selected = index
        finding, evidence = self.result.findings[index], self.result.evidence
        self.query_one(Fixes).show_fixes(finding.fix)
        self.query_one("#proof", Panel).show(lambda width: view.proof(finding, evidence, width), finding.cause.id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another cause: its proof and its fix."""
        if event.option.id:
            self._select(int(event.option.id))

    def on_option_list_option_selected(self, _: OptionList.OptionSelected) -> None:
        """Enter on a cause leads to its fix."""
        self.query_one(Fixes).focus()

    def action_copy(self) -> None:
        """The selected command or id: of the panel in focus, else the fix."""
        focused = self.focused
        if isinstance(focused, OptionList) and focused.highlighted is not None:
            self.wizard.copy(self.result.findings[focused.highlighted].cause.id)
        elif isinstance(focused, Panel) and focused.copies:
            self.wizard.copy(focused.copies)
        else:
            self.wizard.copy(self.query_one(Fixes).copies if self.result.findings else "")

    def action_export(self) -> None:
        """The report as a file."""
        self.wizard.export()

    def action_rerun(self) -> None:
        """The whole check again."""
        self.wizard.rerun()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to have fixed where no cause was found; what was fixed can be looked at once more."""
        if action == "fixed_still":
            return not self.result.findings and self._mended is not None
        return action != "fixed" or bool(self.result.findings)

    def action_fixed(self) -> None:
        """The person has mended the selected cause: look at it again."""
        self.wizard.fixed(self.result.findings[self._selected])

    def action_fixed_still(self) -> None:
        """Look once more at what was mended."""
        self.wizard.fixed_still()

    def action_jump(self) -> None:
        """A hop by name."""
        self.wizard.jump()

    def on_path_view_opened(self, message: PathView.Opened) -> None:
        """The page of a hop."""
        self.wizard.to_hop(message.hop)

    def action_details(self) -> None:
        """The evidence in pictures."""
        self.wizard.to_evidence()

    def action_back(self) -> None:
        """Back to the walk."""
        self.dismiss(None)

    def action_down(self) -> None:
        """Scroll what is in focus, the whole page where it has nothing to scroll."""
        self._scroll(1)

    def action_up(self) -> None:
        """Scroll back."""
        self._scroll(-1)

    def action_page_down(self) -> None:
        """A page on."""
        self._scroll(max(self.size.height - 6, 1))

    def action_page_up(self) -> None:
        """A page back."""
        self._scroll(-max(self.size.height - 6, 1))

    def _scroll(self, by: int) -> None:
        focused = self.focused
        if isinstance(focused, OptionList):
            focused.action_cursor_down() if by > 0 else focused.action_cursor_up()
            return
        page = self.query_one("#verdict", Container)
        inner = focused if focused is not None and focused.max_scroll_y > 0 else page
        inner.scroll_relative(y=by, animate=False)
