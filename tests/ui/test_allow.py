"""What a headless check says yes to: calling the backend and paying for a search are two things."""

from __future__ import annotations

from typing import Any

import pytest

from wizard.model.events import Question
from wizard.model.status import Effect
from wizard.ui.headless import _answers
from wizard.ui.options import settings_of
from wizard.ui.settings import Settings


def settings(**given: Any) -> Settings:
    return settings_of({"api_id": "a", "stage": "prod", **given}, (), lambda *_: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, set()),
        ({"allow_invoke": True}, {Effect.INVOKES_BACKEND}),
        ({"allow_insights": True}, {Effect.COSTS}),
        ({"allow_invoke": True, "allow_insights": True}, {Effect.INVOKES_BACKEND, Effect.COSTS}),
    ],
)
async def test_each_flag_says_yes_to_its_own_question(given: dict[str, bool], allowed: set[Effect]) -> None:
    answer = _answers(settings(**given))
    for effect in (Effect.INVOKES_BACKEND, Effect.COSTS):
        question = Question("consent:x", "consent", "t", "w", effect=effect)
        assert await answer(question) == ("yes" if effect in allowed else "no")
