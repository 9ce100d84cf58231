"""Authorizers of a REST API: Lambda functions (TOKEN and REQUEST) and Cognito user pools, with their results kept.

The wording of the log is that of recorded test-invoke logs; a stage adds ``Authorizer error`` to what went wrong.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import NoReturn

from wizard.sandbox import clock
from wizard.sandbox.functions import catalog
from wizard.sandbox.functions.catalog import FunctionArn, PolicyStore
from wizard.sandbox.functions.model import RefusedError, Result
from wizard.sandbox.functions.runner import Runner
from wizard.sandbox.gateway import cognito, identity, permission
from wizard.sandbox.gateway.authorizerpolicy import Authorized, MalformedPolicyError, parse
from wizard.sandbox.gateway.event import authorizer_event
from wizard.sandbox.gateway.executionlog import ExecutionLog, mapping
from wizard.sandbox.gateway.http import Place, RefusalError, Request
from wizard.sandbox.gateway.refusals import authorizer_failed, authorizer_misconfigured, unauthorized
from wizard.sandbox.gateway.routes import Route
from wizard.sandbox.gateway.snapshot import DEFAULT_TIMEOUT_MS, Authorizer

CONFIGURATION = "Execution failed due to configuration error: "


@dataclass
class Asked:
    """What the access log tells about the authorizer; times in milliseconds."""

    status: int | None = None
    latency_ms: float | None = None
    error: str = ""
    request_id: str = ""
    authorized: Authorized | None = None


@dataclass
class Question:
    """One request at an authorizer; ``method_arn`` is what the policy has to allow, ``route`` None in a test."""

    place: Place
    authorizer: Authorizer
    request: Request
    method_arn: str
    log: ExecutionLog
    route: Route | None = None
    asked: Asked = field(default_factory=Asked)


class Authorizers:
    """Asks authorizers and keeps their answers for as long as they say. Thread-safe."""

    def __init__(self, runner: Runner, policies: PolicyStore) -> None:
        self._runner, self._policies = runner, policies
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, ...], tuple[float, Authorized]] = {}

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._kept.clear()

    def authorize(self, question: Question) -> Authorized:
        """Who the caller is. Raises RefusalError: 401, 403 or 500."""
        place, authorizer, log = question.place, question.authorizer, question.log
        found = identity.values(authorizer, place, question.request)
        if found is None and (authorizer.type != "REQUEST" or authorizer.ttl_s):
            log.error(f"Unauthorized request: {place.request_id}")
            question.asked.error = "Unauthorized"
            raise unauthorized()
        key = (place.region, place.api.id, place.stage, authorizer.id, *(found or ()))
        authorized = self._remembered(key) if authorizer.ttl_s and not place.test else None
        try:
            if authorized is None:
                log.step(f"Starting authorizer: {authorizer.id} for request: {place.request_id}")
                authorized = self._ask(question, found or ())
        except RefusalError as refusal:
            if refusal.status == 500:
                _log_misconfigured(question)
            raise
        if authorizer.ttl_s and not place.test:
            with self._lock:
                self._kept[key] = (clock.now() + authorizer.ttl_s, authorized)
        question.asked.authorized = authorized
        if not place.test:
            self._judge(question, authorized)
        return authorized

    def _remembered(self, key: tuple[str, ...]) -> Authorized | None:
        with self._lock:
            until, authorized = self._kept.get(key, (0.0, None))
        now = clock.now()
        return authorized if now < until <= now + 3_600 else None

    def _judge(self, question: Question, authorized: Authorized) -> None:
        try:
            authorized.check(question.method_arn)
        except RefusalError:
            question.log.error("The client is not authorized to perform this operation.")
            question.asked.error = "The client is not authorized to perform this operation."
            raise

    def _ask(self, question: Question, found: tuple[str, ...]) -> Authorized:
        log = question.log
        if found:
            log.step(f"Incoming identity: {identity.hidden(','.join(found))}")
        started = time.monotonic()
        try:
            if question.authorizer.type == "COGNITO_USER_POOLS":
                scopes = question.route.method.scopes if question.route else ()
                authorized = cognito.judge(question.authorizer.pools, found[0] if found else "", scopes)
                question.asked.status = 200
            else:
                authorized = self._ask_function(question, found)
        except cognito.PoolGoneError as problem:
            log.error(CONFIGURATION + str(problem))
            question.asked.error = str(problem)
            raise authorizer_misconfigured() from None
        except RefusalError as refusal:
            if refusal.status == 401:
                log.error(f"Unauthorized request: {question.place.request_id}")
                question.asked.error = "Unauthorized"
            raise
        finally:
            question.asked.latency_ms = (time.monotonic() - started) * 1000
        log.step(f"Using valid authorizer policy for principal: {identity.hidden(authorized.principal)}")
        log.step("Successfully completed authorizer execution")
        return authorized

    def _ask_function(self, question: Question, found: tuple[str, ...]) -> Authorized:
        place, log = question.place, question.log
        arn, url = _function(question)
        asked = (question.request, question.method_arn, found, question.authorizer)
        body = authorizer_event(place, question.route, *asked)
        log.data(f"Endpoint request URI: {url}")
        log.data(f"Endpoint request headers: {mapping(_headers(question))}")
        log.data(f"Endpoint request body after transformations: {body}")
        log.step(f"Sending request to {url}")
        result = self._result(question, arn, body)
        log.data(f"Authorizer result body before parsing: {result.payload}")
        if result.error is not None and result.error_message == "Unauthorized":
            raise unauthorized()
        try:
            return parse(result.payload)
        except MalformedPolicyError as problem:
            return _fail(question, str(problem))

    def _result(self, question: Question, arn: FunctionArn | None, body: str) -> Result:
        function = catalog.find(arn) if arn else None
        if arn is None or function is None or not self._permitted(question, arn):
            return _fail(question, "Invalid permissions on Lambda function", 403)
        question.asked.request_id = str(uuid.uuid4())
        try:
            reserved = catalog.reserved_concurrency(function.region, function.name)
            result = self._runner.submit(function, body, reserved).result(DEFAULT_TIMEOUT_MS / 1000)
        except RefusedError as refused:
            return _fail(question, refused.message, refused.status)
        except TimeoutError:
            question.log.error("Execution failed due to a timeout error")
            question.asked.error = "Execution failed due to a timeout error"
            raise authorizer_failed() from None
        question.asked.status, question.asked.request_id = 200, result.request_id
        return result

    def _permitted(self, question: Question, arn: FunctionArn) -> bool:
        place, authorizer = question.place, question.authorizer
        if authorizer.credentials:
            problem = permission.role_problem(authorizer.credentials, arn.text)
            if problem == "assume":
                _fail(question, "API Gateway does not have permission to assume the provided role", 403)
            return problem is None
        source = f"arn:aws:execute-api:{place.region}:{place.account}:{place.api.id}/authorizers/{authorizer.id}"
        statements = self._policies.statements(arn)
        return permission.allowed_by_resource_policy(statements, arn.text, source, arn.region, place.account)


def _function(question: Question) -> tuple[FunctionArn | None, str]:
    """The function that the authorizer's URI names, None when it is none that Lambda knows, and where it is called."""
    place = question.place
    match = permission.LAMBDA_URI.fullmatch(place.resolved(question.authorizer.uri))
    if match is None:
        _fail(question, "AWS ARN for integration must contain path or action")
    assert match is not None
    path = permission.LAMBDA_PATH.fullmatch(match["path"])
    arn = catalog.parse_arn(path["function"]) if path else None
    return arn, f"https://lambda.{match[1]}.amazonaws.com/{match['path']}"


def _fail(question: Question, reason: str, status: int | None = None) -> NoReturn:
    """Log why the authorizer gave no policy. Raises RefusalError (500)."""
    question.log.error(CONFIGURATION + reason)
    question.asked.error = reason
    question.asked.status = status if status is not None else question.asked.status
    raise authorizer_misconfigured()


def _log_misconfigured(question: Question) -> None:
    if question.place.test:
        question.log.error("AuthorizerConfigurationException")
    else:
        question.log.error(CONFIGURATION + "Authorizer error")


def _headers(question: Question) -> dict[str, str]:
    place = question.place
    source = f"arn:aws:execute-api:{place.region}:{place.account}:{place.api.id}/authorizers/{question.authorizer.id}"
    return {
        "x-amzn-lambda-integration-tag": place.request_id,
        "Authorization": "****",
        "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock.now())),
        "x-amzn-apigateway-api-id": place.api.id,
        "X-Amz-Source-Arn": source,
        "Accept": "application/json",
        "User-Agent": f"AmazonAPIGateway_{place.api.id}",
    }
