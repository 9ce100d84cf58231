"""Asking AWS several things at once that do not depend on each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from wizard.model.aws import AwsError


def together(questions: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each question answered, or the AwsError it met, under its name; anything else is raised here.

    The threads are daemons, so that a slow endpoint keeps nobody from leaving.
    """
    answers: dict[str, Any] = {}
    crashes: list[BaseException] = []

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            answers[name] = attempt(question)
        except BaseException as crash:  # noqa: BLE001  handed on to the caller, whatever it is
            crashes.append(crash)

    threads = [threading.Thread(target=ask, args=item, daemon=True) for item in questions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if crashes:
        raise crashes[0]
    return answers


def attempt(question: Callable[[], Any]) -> Any:
    """The answer, or the AwsError in its place."""
    try:
        return question()
    except AwsError as error:
        return error
