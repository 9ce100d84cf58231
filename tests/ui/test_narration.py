"""What is said while a walk goes on: each thing once, and nothing of what does not apply."""

from __future__ import annotations

from tests.report import made
from wizard.model import events as ev
from wizard.model.status import Proof, Reason, Status
from wizard.ui.headless import known_before, narrate


def test_what_does_not_apply_is_left_to_the_report() -> None:
    needless = made.evidence(1, "stage.canary", "stage", Status.SKIPPED, "There is no canary.")
    declined = made.evidence(2, "client.request", "client", Status.SKIPPED, "Not run.", reason=Reason.DECLINED)
    assert narrate(ev.ProbeFinished(needless), made.TREE) is None
    assert narrate(ev.ProbeFinished(declined), made.TREE) == ("skipped", "client.request: Not run.")


def test_a_cause_is_said_again_only_when_it_is_surer() -> None:
    sure: dict[str, int] = {}
    proofs = (Proof.HINTED, Proof.HINTED, Proof.PROVEN, Proof.SUGGESTED, Proof.PROVEN)
    found = [ev.Found(made.MISSING.id, proof, "e1", "lambda-permission") for proof in proofs]
    assert [known_before(event, sure) for event in found] == [False, True, False, True, True]
