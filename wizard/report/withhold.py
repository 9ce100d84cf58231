"""What must not leave with a text: account ids, ARNs, API ids, hosts, addresses, request ids, people, secrets."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from ipaddress import ip_address

from wizard.report.pseudonyms import EVIDENT, Names
from wizard.report.secrets import OPEN_WORDS, REMOVED, RULES
from wizard.report.view import Edit, View

Find = Callable[[re.Match[str]], Iterable[Edit]]

_KEPT_HOST = re.compile(
    r"(?i)(?:^|\.)(?:amazonaws\.com(?:\.cn)?|aws\.amazon\.com|repost\.aws|api\.aws|on\.aws)$|^localhost$|^www\.w3\.org$"
)
_TLD = (
    "com|net|org|io|dev|app|cloud|co|de|eu|uk|fr|nl|it|es|se|pl|jp|in|au|ca|us|ch|br|info|biz|internal|local|corp|lan"
    "|intra|ai|tech|shop|example|test|invalid|xyz|store|online|site|gov|edu|mx|nz|ie|dk|fi|at|be|cz|pt|gr|hu|ro|za|kr"
    "|cn|hk|sg|tw|il|tr|ua|ru|ar|cl|bank|agency|digital|systems|solutions|software|localdomain|svc|consul|arpa"
)
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_NAMED = {"lambda": "function", "iam": "role", "sts": "role", "logs": "log"}
# Words of AWS inside ARNs, not names that somebody chose.
_ARN_WORDS = frozenset({
        "function", "role", "user", "group", "policy", "log-group", "log-stream", "assumed-role", "restapis",
        "stages", "apis", "layer", "invocations", "functions", "path", "resources", "methods", "integration",
        "service-role", "aws", "lambda", "apigateway", "root", "loadbalancer", "targetgroup", "listener", "app",
        "net", "access-point", "file-system", "table", "cluster", "service", "task", "secret", "key", "alias",
        "userpool", "domainnames", "authorizers", "vpclinks", "certificate", "distribution", "usageplans", "apikeys",
        "account", "federated-user", "vendedlogs", "aws-service-role", "rule", "event-bus", "event-source-mapping",
        "statemachine", "api-gateway", "parameter", "get", "post", "put", "delete", "patch", "head", "options", "any",
        "2015-03-31", "$latest",
})  # fmt: skip
# Headers whose values say how the answer was made, not who asked.
_OPEN_HEADERS = frozenset({
    "accept", "accept-encoding", "allow", "connection", "content-encoding", "content-length", "content-type", "date",
    "retry-after", "server", "transfer-encoding", "x-amzn-errortype", "x-amzn-remapped-content-length", "x-cache",
    "x-forwarded-port", "x-forwarded-proto",
})  # fmt: skip
_MAPS = {
    "headers": "header",
    "multivalueheaders": "header",
    "requestheaders": "header",
    "responseheaders": "header",
    "querystring": "query",
    "querystringparameters": "query",
    "multivaluequerystringparameters": "query",
    "pathparameters": "path",
}
# Method request headers: {a=b, c=d} of an execution log; "headers": {"a": "b"} of an event.
_LOG_MAP = re.compile(
    r"(?i)(?:request|response)\s+(headers|query\s+string|path)[\w\s]{0,40}:\s*\{((?:[^{}\n]|\n[ \t]+)*)"
)
_LOG_PAIR = re.compile(r"([\w.-]+)=((?:(?!,\s+[\w.-]+=).)*)", re.S)
_JSON_MAP = re.compile(
    r"(?i)[\"']((?:multiValue|request|response)?headers|(?:multiValue)?queryString(?:Parameters)?|pathParameters)[\"']"
    r"\s*:\s*\{([^{}]*(?=\})|[^{}\n]*)"
)
# API Gateway cuts long bodies: the last value, or list of values, may have no end.
_JSON_PAIR = re.compile(r"[\"']([\w.-]+)[\"']\s*:\s*(\[[^\]]*(?:\]|\Z)|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))")
_JSON_VALUE = re.compile(r"[\"']([^\"']+)(?:[\"']|\Z)")
# A header or query value that is no word, date, Region or number: it may stand for itself elsewhere.
_TELLING = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.=+/-]{16,}")
# Ids that are whole by their form: before any name that is only a part of one, such as an id that a log line cut short.
_WHOLE = (
    # https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
    ("trace", re.compile(r"(?i)(?<![\w-])(1-[0-9a-f]{8}-[0-9a-f]{24})(?![\w-])")),
    ("request", re.compile(r"(?i)(?<![0-9a-f])([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9a-f])")),
)
# What is found where, in this order: a kind of pseudonym, or how the match is to be judged; the group is the value.
_FOUND: tuple[tuple[str, re.Pattern[str]], ...] = tuple((kind, re.compile(pattern)) for kind, pattern in (
    ("query", r"[?&][\w.~-]+=(?!=)([^&\s\"'#\\<>]+)"),
    ("email", r"([\w.+%-]+@[\w-]+(?:\.[\w-]+)+)"),
    ("api", r"(?i)API-Gateway-Execution-Logs_([a-z0-9]{6,12})(?![a-z0-9])"),
    ("api", r"(?i)(?<![\w-])((?:d-)?[a-z0-9]{6,12})(?:-vpce-[0-9a-f]+)?\.execute-api\."),
    ("api", r"(?i)--(?:rest-)?api-id[\s=]+[\"']?([a-z0-9]{6,12})(?![\w-])"),
    ("api", r"(?i)api[-_]?id[\"']?[\s=:]\s*[\"']?((?=[a-z]*\d)[a-z0-9]{8,12})(?![\w-])"),
    ("api", r"\(((?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{10})\)"),  # as reports show it: shop (a1b2c3d4e5)
    ("api", r"/(?:restapis|apis)/([a-z0-9]{6,12})(?![\w-])"),
    ("arn", r"(?i)arn:aws[\w-]*:([\w-]+):[\w-]*:([\w-]*):([^\s\"',;)}\]\\<>]+)"),
    ("trace", r"(?i)(?<![\w-])(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})(?![\w-])"),
    ("trace", r"(?i)segment-?id[\"']?\s*[=:]\s*[\"']?([0-9a-f]{16})(?![0-9a-f])"),
    ("request", r"\]([0-9a-f]{32})(?![0-9a-f])"),  # the end of a log stream's name
    ("request", r"(?i)(?:request|extended|apigw|cf)[-_ ]?id[\"']?\s{0,2}[=:]?\s{0,2}[\"']?((?=[\w=-]*\d)[\w=-]{8,})"),
    ("person", r"(?i)(?:principalid|cognitoidentityid|user[-_]?name|caller)[\"']?\s*[=:]\s*[\"']?([^\s\"',;}\]]{2,})"),
    ("header", r"(?i)user[-_]?agent[\"']?\s*[=:]\s*[\"']?([^\"'\n}]{2,}?)(?=[\"'}\n]|, \w|$)"),
    ("function", r"/aws/lambda/(?:[a-z]{2}(?:-[a-z]+)+-\d\.)?([\w-]+)"),  # the log of an edge function names its Region
    ("function", r"(?i)--function-name[\s=]+[\"']?([\w-]+)"),
    ("account", r"(?<![A-Za-z0-9.])(\d{12})(?![A-Za-z0-9]|\.\d)"),
    ("account", r"(?<![A-Za-z0-9.-])(\d{4}-\d{4}-\d{4})(?![A-Za-z0-9.-])"),
    # Of the hosts of AWS only those that stand for one resource: a load balancer, a database, a bucket.
    ("host", rf"(?i)(?<![\w.-])([\w.-]+?)(?:(?:\.{_REGION})?\.(?:elb|rds|s3|s3-website|es|aoss|cache|redshift|docdb"
             rf"|lambda-url)(?:[.-]{_REGION})?(?:\.elb)?\.(?:amazonaws\.com|on\.aws))"),
    ("a-host", r"(?i)(?<!file)(?<!fileb)://(?:\[removed\]@|[\w.-]*@)?([\w.-]*\w)"),
    ("a-host", rf"(?i)(?<![\w@-])(?<![\w@-]\.)((?:\w(?:[\w-]*\w)?\.)+(?:{_TLD}))(?![\w-]|\.\w)"),
    ("a-host", r"(?i)(?<![\w-])(?:host|hostname|domain-?name|enotfound|eai_again)[\"']?[=:\s]\s*[\"']?"
               r"((?:[\w-]+\.)+[\w-]+)"),
    ("an-ip", r"(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})(?![\w.]*\w)"),
    ("an-ip", r"(?i)(?<![\w:.-])((?=(?:[0-9a-f]*:){2})[0-9a-f:]*[0-9a-f])(?![\w:])"),
    ("ip", r"(?i)(?<![\w-])(ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3})(?![\w-])"),
    ("network", r"(?i)(?<!\w)((?:vpce|vpc|subnet|sg|eni|i|nat|igw|acl|rtb)-[0-9a-f]{8,17})(?![\w-])"),
    ("base64", r"(?<![\w+/=-])((?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2,3}={0,2})?|[\w-]{24,}={0,2})(?![\w+/=-])"),
))  # fmt: skip
BASE64 = _FOUND[-1][1]
_ARN = next(pattern for kind, pattern in _FOUND if kind == "arn")


def kind_of_map(name: str) -> str | None:
    """What the values in an object of this name are: header, query or path; None for any other name."""
    return _MAPS.get(re.sub(r"[^a-z]", "", name.lower()))


def is_open_header(name: str) -> bool:
    """Whether a header of this name may keep its value."""
    return name.lower() in _OPEN_HEADERS


class Withholder:
    """Redacts texts with one set of pseudonyms. `removed` are the secrets that were met; they are kept nowhere else."""

    def __init__(self, own: Collection[str] = ()) -> None:
        self.names = Names(own)
        self.removed: dict[str, None] = {}
        self._learning = False
        # By hash: what is learnt may be a secret, which is kept nowhere.
        self._learnt: set[int] = set()
        judged: dict[str, Find] = {
            "arn": self._arn,
            "a-host": self._host,
            "an-ip": self._address,
            "base64": self._encoded,
            **{kind: self._local(kind) for kind in ("query", "person", "header")},
        }
        self._first: tuple[tuple[re.Pattern[str], Find], ...] = (
            *((pattern, self._secret) for pattern in RULES),
            (_LOG_MAP, self._log_map),
            (_JSON_MAP, self._json_map),
            *((pattern, self._kind(kind)) for kind, pattern in _WHOLE),
        )
        self._then = tuple((pattern, judged.get(kind) or self._kind(kind)) for kind, pattern in _FOUND)

    def learn(self, text: str) -> None:
        """Gives a pseudonym to whatever the text names, each name whole: `shop-role`, then `shop`."""
        if hash(text) in self._learnt:
            return
        self._learnt.add(hash(text))
        self._learning = True
        self.text(text)
        self._learning = False

    def text(self, text: str) -> str:
        """One text redacted. Redacting what comes out once more changes nothing."""
        for joined in (True, False):
            view = View(text, joined=joined)
            if joined and not view.changed_by_reading:
                continue
            self._edit(view)
            text = view.text()
        return text

    def only_known(self, text: str) -> str:
        """Words of the tool around values that are redacted already: whatever has a pseudonym by now is replaced, and
        nothing else is taken for a name."""
        view = View(text)
        for pattern in (EVIDENT, self.names.pattern()):
            if pattern is not None:
                view.edit(pattern, self._known)
        return view.text()

    def named(self, kind: str, value: str) -> None:
        """Gives a value that is known to be of a kind its pseudonym; the address of any machine itself needs none."""
        if not (kind == "host" and _is_nobody(value)):
            self.names.name(kind, value)

    def local(self, kind: str, value: str) -> str:
        """The pseudonym of a value that counts only where it stands; values that need none stay."""
        return self._value(kind, value)

    def remove(self, secret: str) -> str:
        """What stands in the place of a secret; a text that was removed already stays, and a word of AWS."""
        if secret in OPEN_WORDS:
            return secret
        if REMOVED not in secret:
            self.removed[secret] = None
        return REMOVED

    def _edit(self, view: View) -> None:
        for pattern, find in self._first:
            view.edit(pattern, find)
        if not self._learning and (known := self.names.pattern()):
            view.edit(known, self._known)
        for pattern, find in self._then:
            view.edit(pattern, find)

    def _known(self, match: re.Match[str]) -> Iterator[Edit]:
        yield (*match.span(), self.names.known(match[0]) or match[0])

    def _kind(self, kind: str) -> Find:
        return lambda match: [(*match.span(1), self.names.name(kind, match[1]))]

    def _local(self, kind: str) -> Find:
        return lambda match: [(*match.span(1), self._value(kind, match[1]))]

    def _value(self, kind: str, value: str) -> str:
        """The pseudonym of a value that may be any word."""
        if REMOVED in value or not value.strip("*"):
            return value
        return self.names.name(kind, value, anywhere=bool(_TELLING.fullmatch(value)))

    def _secret(self, match: re.Match[str]) -> Iterator[Edit]:
        yield (*match.span(1), self.remove(match[1]))

    def _log_map(self, match: re.Match[str]) -> Iterator[Edit]:
        kind = {"headers": "header", "path": "path"}.get(match[1].lower(), "query")
        for pair in _LOG_PAIR.finditer(match[2]):
            if kind != "header" or not is_open_header(pair[1]):
                yield from self._inside(match.start(2), pair, 2, kind)

    def _json_map(self, match: re.Match[str]) -> Iterator[Edit]:
        kind = kind_of_map(match[1]) or "header"
        for pair in _JSON_PAIR.finditer(match[2]):
            for value in _JSON_VALUE.finditer(pair[2]):
                if kind != "header" or not is_open_header(pair[1]):
                    yield from self._inside(match.start(2) + pair.start(2), value, 1, kind)

    def _inside(self, offset: int, match: re.Match[str], group: int, kind: str) -> Iterator[Edit]:
        start, end = match.span(group)
        if match[group].strip():
            yield offset + start, offset + end, self._value(kind, match[group])

    def _host(self, match: re.Match[str]) -> Iterator[Edit]:
        host = match[1].rstrip(".")
        if not (_KEPT_HOST.search(host) or _is_address(host) or "." not in host):
            yield match.start(1), match.start(1) + len(host), self.names.name("host", host)

    def _address(self, match: re.Match[str]) -> Iterator[Edit]:
        if _is_address(match[1]) and not _is_nobody(match[1]):
            yield (*match.span(1), self.names.name("ip", match[1]))

    def _arn(self, match: re.Match[str]) -> Iterator[Edit]:
        service, account, rest = match[1].lower(), match[2], match[3]
        if account.isdigit():
            yield (*match.span(2), self.names.name("account", account))
        start = match.start(3)
        inner = _ARN.search(rest)
        if inner:
            for first, last, new in self._arn(inner):
                yield first + start, last + start, new
        elif service == "execute-api":
            api = rest.partition("/")[0]
            if api != "*":
                yield start, start + len(api), self.names.name("api", api)
        elif service != "apigateway" and account != "aws":  # the managed policies of AWS are everybody's
            yield from self._resource(service, rest, start)

    def _resource(self, service: str, rest: str, start: int) -> Iterator[Edit]:
        if "API-Gateway-Execution-Logs_" in rest:
            return  # an API id and a stage; the id has its own rule
        for number, part in enumerate(re.finditer(r"[^:/]+", rest)):
            number_only = part[0].isdigit() and len(part[0]) < 12
            own = number_only or part[0].casefold() in _ARN_WORDS or not part[0].strip("*")
            qualifier = service == "lambda" and number > 1
            if not (own or qualifier or part[0].startswith("${")):
                first, last = part.span()
                yield start + first, start + last, self.names.name(_NAMED.get(service, "name"), part[0])

    def _encoded(self, match: re.Match[str]) -> Iterator[Edit]:
        inner = decoded(match[1])
        if inner and self.text(inner) != inner:
            yield (*match.span(1), self.remove(match[1]))


def decoded(text: str) -> str | None:
    """What a run of base64 holds when that is plain text, else None."""
    try:
        raw = base64.b64decode(
            text.rstrip("=").translate(str.maketrans("-_", "+/")) + "=" * (-len(text.rstrip("=")) % 4)
        )
        inner = raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return inner if all(char.isprintable() or char in "\r\n\t" for char in inner) else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_nobody(host: str) -> bool:
    """Whether it is an address that every machine has for itself: loopback, unspecified."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
