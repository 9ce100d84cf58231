"""Errors in AWS's forms, and moto's applications made to use them: never an HTML page, never a traceback on stderr."""

from __future__ import annotations

import json
import logging
from xml.sax.saxutils import escape

from flask import Flask, Response
from flask import request as flask_request
from moto.backends import SERVICE_NAMES
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.exceptions import HTTPException

_MISSING = "The operation is not available in the sandbox."


def backend_app(service: SERVICE_NAMES) -> Flask:
    """The application of one service. What it lacks answers 501 ``NotImplemented``, which no SDK tries again."""
    app = create_backend_app(service)
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(
        NotImplementedError, lambda error: _answer(501, "NotImplemented", f"{error}" or _MISSING)
    )
    app.register_error_handler(HTTPException, _unroutable)
    app.register_error_handler(KeyError, lambda error: _answer(404, "NotFoundException", f"No such resource: {error}"))
    app.register_error_handler(Exception, _crashed)
    return app


def error_body(form: bool, code: str, message: str) -> tuple[str, str]:
    """Content type and body of an error: XML for the query protocol (``form``), JSON for the others."""
    if form:
        inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return "text/xml", f"<ErrorResponse>{inner}<RequestId>sandbox</RequestId></ErrorResponse>"
    return "application/json", json.dumps({"__type": code, "message": message})


def speaks_form(content_type: str, target: str) -> bool:
    """True when a call uses the query protocol."""
    return "x-www-form-urlencoded" in content_type and not target


def _unroutable(error: HTTPException) -> Response:
    if error.code in (404, 405):
        return _answer(501, "NotImplemented", _MISSING)
    return _answer(error.code or 400, error.name.replace(" ", ""), error.description or error.name)


def _crashed(error: Exception) -> Response:
    logging.getLogger(__name__).debug("moto failed", exc_info=error)
    return _answer(500, "InternalFailure", f"{type(error).__name__}: {error}")


def _answer(status: int, code: str, message: str) -> Response:
    form = speaks_form(flask_request.content_type or "", flask_request.headers.get("x-amz-target", ""))
    kind, body = error_body(form, code, message)
    return Response(body, status, {"x-amzn-ErrorType": code}, content_type=kind)
