"""What people type, read into the words of the model. Every slip is a ValueError with one clear line."""

from __future__ import annotations

import math
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from wizard.model.case import Symptom, Target
from wizard.ui.settings import Connect, Settings

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


@dataclass(frozen=True, slots=True)
class TargetWords:
    """A target as it was typed; None for what was not given. `region_given`: the Region was typed."""

    url: str | None = None
    api_id: str | None = None
    stage: str | None = None
    method: str | None = None
    path: str | None = None
    region: str | None = None
    region_given: bool = False


def duration_s(text: str) -> float:
    """Seconds from a text like 90s, 30m, 1h, 1h30m, 2d.

    Raises:
        ValueError: it is not one, or it is zero.
    """
    parts = _DURATION.findall(text.strip().lower())
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not parts or _DURATION.sub("", text.strip().lower()).strip() or seconds <= 0:
        raise ValueError(f"{text!r} is not a length of time; write it like 30m, 1h or 2d")
    return seconds


def moment(text: str) -> datetime:
    """A time from ISO 8601, read as UTC when it names no offset.

    Raises:
        ValueError: it is not one.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write it like 2026-01-31T14:05:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def settings_of(given: Mapping[str, Any], typed: Container[str], connect: Connect) -> Settings:
    """The settings that the options amount to; `typed` names those that were given on the command line itself.

    Raises:
        ValueError: they do not fit together.
    """
    start, end = given.get("start_time"), given.get("end_time")
    if start and "since" in typed:
        raise ValueError("--since and --start-time exclude each other")
    named = {name: given.get(name) for name in ("url", "api_id", "stage", "method", "path", "region")}
    target = target_of(TargetWords(**named, region_given="region" in typed))
    seen = {name: given.get(name) for name in ("status", "message", "error_type", "request_id")}
    _check_endpoint(given.get("endpoint_url"))
    patience = given.get("client_timeout")
    if patience is not None and math.isnan(patience):
        raise ValueError("--client-timeout wants a number of seconds")
    settings = Settings(
        connect=connect,
        target=target,
        symptom=Symptom(**seen, seen_in=given.get("seen_in") or "url"),
        window_s=duration_s(given.get("since") or "1h"),
        start=moment(start) if start else None,
        end=moment(end) if end else None,
        tree=given.get("tree"),
        profile=given.get("profile"),
        region=(target.region if target else None) or given.get("region"),
        endpoint_url=given.get("endpoint_url"),
        allow_invoke=bool(given.get("allow_invoke")),
        allow_insights=bool(given.get("allow_insights")),
        client_timeout_s=patience,
    )
    window = settings.window()
    if window.start >= window.end:
        raise ValueError("the time span ends before it begins")
    return settings


def target_of(words: TargetWords) -> Target | None:
    """The target that was typed, None when nothing was.

    Raises:
        ValueError: the address cannot be read, or what was given does not fit together.
    """
    _check_method(words.method)
    if words.url is None and words.api_id is None:
        if words.stage or words.path:
            raise ValueError("give a URL, or --api-id together with --stage")
        return None
    if words.url is None:
        path = words.path or "/"
        method = (words.method or "GET").upper()
        return Target(
            "rest", words.api_id, words.stage, method, path if path.startswith("/") else f"/{path}", words.region
        )
    return _from_url(words.url, words)


def _check_endpoint(url: str | None) -> None:
    try:
        parts = urlsplit(url or "")
        usable = not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"--endpoint-url: {url!r} is no address; write it like http://127.0.0.1:4566")


def _check_method(word: str | None) -> None:
    if word is not None and not word.isalpha():
        raise ValueError(f"--method: {word!r} is no HTTP method; write it like GET or POST")


def close(word: str, known: list[str], count: int = 3) -> str:
    """A remark that names known words close to an unknown one; empty when there is none."""
    from difflib import get_close_matches

    near = (
        get_close_matches(word, known, count, 0.5) or [name for name in known if word.lower() in name.lower()][:count]
    )
    return f" Did you mean {' or '.join(near)}?" if near else ""


def _from_url(url: str, words: TargetWords) -> Target:
    from wizard.model.target_url import parse_target

    found = parse_target(url, words.method, words.stage, api_id=words.api_id)
    if found.region and words.region_given and words.region != found.region:
        raise ValueError(f"the URL belongs to Region {found.region}, -r says {words.region}")
    return replace(found, region=found.region or words.region, path=words.path or found.path)
