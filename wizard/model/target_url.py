"""From the address that failed to the target: which API, stage and path a URL means."""

from __future__ import annotations

import ipaddress
import re
import shlex
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit

from wizard.model.case import Target

# https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
# Private APIs may be called as {api}-{VPC endpoint}:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
_EXECUTE = re.compile(r"^(?P<api>[a-z0-9]+)(?:-(?P<vpce>vpce-[a-z0-9]+))?\.execute-api\.(?P<rest>.+)$")
_ENDPOINT = re.compile(r"^vpce-[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.vpce\.amazonaws\.com(\.cn)?$")
_ALIAS = re.compile(r"^d-[a-z0-9]+\.execute-api\.")
_REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d+$")
# How emulators put an API into the path: moto and LocalStack the second way, LocalStack and others the first.
_IN_PATH = (
    re.compile(r"^/_aws/execute-api/(?P<api>[^/]+)(?:/(?P<stage>[^/]+))?(?P<path>/.*)?$"),
    re.compile(r"^/restapis/(?P<api>[^/]+)/(?P<stage>[^/]+)/_user_request_(?P<path>/.*)?$"),
)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# The stage of an HTTP API that stands in no address.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
DEFAULT_STAGE = "$default"
_QUOTES = "\"'`<>“”‘’"
# https://curl.se/docs/manpage.html: options that send a body, and options that take a value
_CURL_BODY = (
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--json",
    "-F",
    "--form",
)
_CURL_VALUE = (
    *_CURL_BODY,
    "-H",
    "--header",
    "-X",
    "--request",
    "-u",
    "--user",
    "-o",
    "--output",
    "-A",
    "--user-agent",
    "-m",
    "--max-time",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-e",
    "--referer",
    "-w",
    "--write-out",
    "-x",
    "--proxy",
    "-T",
    "--upload-file",
    "-E",
    "--cert",
    "--key",
    "--cacert",
    "--connect-timeout",
    "--connect-to",
    "--resolve",
    "--retry",
    "--aws-sigv4",
    "--url",
)


@dataclass(slots=True)
class _Pasted:
    """What the person gave us: an address, and what a curl line says beside it."""

    url: str = ""
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def parse_target(
    text: str, method: str | None = None, stage: str | None = None, region: str | None = None, api_id: str | None = None
) -> Target:
    """The target behind an address as it was pasted: a URL, a URL without scheme, "POST https://…", or a curl line.

    The stage and the API id may be given beside an address that does not name them, the Region is a fallback. A custom
    domain gives `host` and the whole path; its mapping has still to be looked up. The path is as it was sent
    (percent-encoded), without query string, fragment and trailing slash; `url` keeps the address as it was given.

    Raises:
        ValueError: one line that says what is wrong and what would help.
    """
    pasted = _pasted(text)
    address = _split(pasted.url)
    verb = (method or pasted.method or "GET").upper()
    host = _host(address)
    found = (
        _in_host(host, address.path, pasted.headers, api_id)
        or _in_path(address.path)
        or _custom_domain(host, address.path, api_id)
    )
    if stage == DEFAULT_STAGE and found.stage not in (None, stage) and found.api_id:
        found = replace(found, stage=stage, path=_clean(f"{found.stage}{found.path}"))
    if stage and found.stage and stage != found.stage:
        raise ValueError(f"the address names the stage {found.stage}, not {stage}")
    if api_id and found.api_id and api_id != found.api_id:
        raise ValueError(f"the address names the API {found.api_id}, not {api_id}")
    return Target(
        api_type="websocket" if address.scheme in ("ws", "wss") else found.api_type,
        api_id=api_id or found.api_id,
        stage=stage or found.stage,
        method=verb,
        path=found.path,
        region=found.region or region,
        host=found.host,
        url=pasted.url,
    )


def _pasted(text: str) -> _Pasted:
    line = text.replace("\\\r\n", " ").replace("\\\n", " ").strip().strip("`").strip()
    if re.match(r"(\$\s*)?curl\s", line):
        pasted = _curl(line)
    else:
        cleaned = line.strip(_QUOTES).strip()
        first, _, rest = cleaned.partition(" ")
        verb = first.upper() if first.upper() in _METHODS and rest else None
        pasted = _Pasted(rest.strip().strip(_QUOTES) if verb else cleaned, verb)
    if not pasted.url:
        raise ValueError(
            "no address given; paste the URL that fails, "
            "like https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders"
        )
    if any(char.isspace() or not char.isprintable() for char in pasted.url):
        raise ValueError("the address has blanks or control characters in it; paste the URL alone")
    return _with_scheme(pasted)


def _curl(text: str) -> _Pasted:
    try:
        words = shlex.split(text.lstrip("$ "))[1:]
    except ValueError:
        words = text.lstrip("$ ").replace('"', " ").replace("'", " ").split()[1:]
    pasted, body = _Pasted(), False
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("-"):
            pasted.url = pasted.url or word
            continue
        name, given, value = _option(word)
        if name in _CURL_VALUE and not given:
            value = next(waiting, "")
        body = body or name in _CURL_BODY
        if name in ("-X", "--request"):
            pasted.method = value
        elif name in ("-I", "--head"):
            pasted.method = pasted.method or "HEAD"
        elif name in ("-H", "--header"):
            key, _, content = value.partition(":")
            pasted.headers[key.strip().lower()] = content.strip()
        elif name == "--url":
            pasted.url = value
    pasted.method = pasted.method or ("POST" if body else None)
    return pasted


def _option(word: str) -> tuple[str, bool, str]:
    """The name of a curl option, whether its value hangs on it, and that value; -sSX is -X after flags without one."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, bool(equals), value
    place = next((i for i, letter in enumerate(word) if i and f"-{letter}" in _CURL_VALUE), 0)
    if place:
        return f"-{word[place]}", place + 1 < len(word), word[place + 1 :]
    return "-I" if "I" in word else word[:2], True, ""


def _with_scheme(pasted: _Pasted) -> _Pasted:
    if "://" not in pasted.url.split("?")[0]:
        if "." not in pasted.url.split("/")[0] and not pasted.url.startswith("localhost"):
            raise ValueError(f"{pasted.url!r} is not an address; paste the URL that fails, or use --api-id and --stage")
        local = re.match(r"(localhost|127\.|\[::1\]|[^/]*\.localhost[:/])", pasted.url)
        pasted.url = f"{'http' if local else 'https'}://{pasted.url}"
    return pasted


def _split(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        usable = bool(address.hostname) and address.port != 0
    except ValueError as error:
        raise ValueError(f"{url!r} is not a usable address: {error}") from error
    if address.scheme not in ("http", "https", "ws", "wss") or not usable:
        raise ValueError(f"{url!r} is not a usable address; it should start with https://")
    return address


def _host(address: SplitResult) -> str:
    return (address.hostname or "").lower().rstrip(".")


def _in_host(host: str, path: str, headers: dict[str, str], api_id: str | None) -> Target | None:
    if endpoint := _ENDPOINT.match(host):
        named = headers.get("x-apigw-api-id") or _EXECUTE.sub(r"\g<api>", headers.get("host", "").lower()) or api_id
        if not named:
            raise ValueError(
                f"{host} is a VPC endpoint and does not name the API; add its id with --api-id "
                "(the header x-apigw-api-id, or the first part of the Host header, has it)"
            )
        if "." in named:  # a custom domain for private APIs, in the Host header
            return Target(host=named, path=_clean(path), region=endpoint["region"])
        return _staged(named, path, endpoint["region"])
    if _ALIAS.match(host):
        raise ValueError(f"{host} is the target of a custom domain name; paste the URL with the domain name itself")
    match = _EXECUTE.match(host)
    if not match:
        return None
    first = match["rest"].split(".")[0]
    return _staged(match["api"], path, first if _REGION.match(first) else None)


def _in_path(path: str) -> Target | None:
    for form in _IN_PATH:
        if match := form.match(path):
            return Target(api_id=match["api"], stage=match["stage"], path=_clean(match["path"] or "/"))
    return None


def _custom_domain(host: str, path: str, api_id: str | None) -> Target:
    if host.endswith(".on.aws") and ".lambda-url." in host:
        raise ValueError(f"{host} is the URL of a Lambda function; no API Gateway stands before it")
    if not _is_domain(host):
        if not api_id:
            raise ValueError(
                f"{host} names no API; use --api-id and --stage as well, "
                "or a path like /restapis/<api id>/<stage>/_user_request_/<path>"
            )
        return Target(path=_clean(path))
    return Target(host=host, path=_clean(path))


def _is_domain(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.endswith(".localhost")
    return False


def _staged(api_id: str, path: str, region: str | None) -> Target:
    stage, _, rest = path.lstrip("/").partition("/")
    return Target(api_id=api_id, stage=stage or None, path=_clean(rest), region=region)


def _clean(path: str) -> str:
    return "/" + path.strip("/")
