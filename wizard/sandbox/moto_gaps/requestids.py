"""Request ids: moto writes its own between ``<RequestId>`` tags of an answer, even within a log line of a JSON one.

With ``.*`` between the first such tag and the last one, whatever stands between them would be lost.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import BaseResponse

_plain = BaseResponse._enrich_response


def install() -> None:
    """Replace what differs from the service."""
    setattr(BaseResponse, "_enrich_response", staticmethod(_enriched))  # noqa: B010 - mypy refuses a plain assignment


def _enriched(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
    """Leave a JSON answer as it is."""
    if isinstance(body, str) and body.startswith(("{", "[")):
        return _plain(headers, "")[0], body
    return _plain(headers, body)
