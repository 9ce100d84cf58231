"""A CloudFront distribution of this account in front of an API, found by the host name that the client used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from probes._glob import glob
from wizard.model.aws import Aws
from wizard.model.case import Target
from wizard.model.target_url import parse_target

CALLS = frozenset({"cloudfront:ListDistributions"})
_MOST_PAGES = 10


@dataclass(frozen=True, slots=True)
class Front:
    """A distribution and the origin that it asks for this path: an API's own host, or a custom domain."""

    distribution: str
    host: str
    origin: Target


def behind(target: Target, aws: Aws) -> Front | None:
    """What the distribution that serves the target's host asks; None when there is no such distribution.

    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html

    Raises:
        AwsError: the distributions cannot be listed.
        ValueError: its origin is no address of an API.
    """
    host = (target.host or "").lower()
    for item in distributions(aws):
        if host in _hosts(item):
            behavior = behavior_of(item, target.path)
            origin = origin_of(item, behavior)
            way = f"https://{origin.get('DomainName')}{origin.get('OriginPath') or ''}{target.path}"
            found = parse_target(way, target.method, region=target.region)
            found = replace(found, url=target.url, account=target.account)
            return Front(str(item.get("Id")), host, found)
    return None


def behavior_of(item: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The cache behavior that serves a path: the first whose pattern fits, else the default one."""
    for behavior in (item.get("CacheBehaviors") or {}).get("Items") or []:
        if glob("/" + str(behavior.get("PathPattern") or "").lstrip("/"), path):
            found: Mapping[str, Any] = behavior
            return found
    return item.get("DefaultCacheBehavior") or {}


def origin_of(item: Mapping[str, Any], behavior: Mapping[str, Any]) -> Mapping[str, Any]:
    """The origin that a behavior asks; of a group of origins the first."""
    wanted = behavior.get("TargetOriginId")
    for group in (item.get("OriginGroups") or {}).get("Items") or []:
        members = (group.get("Members") or {}).get("Items") or []
        if group.get("Id") == wanted and members:
            wanted = members[0].get("OriginId")
    origins = (item.get("Origins") or {}).get("Items") or []
    return next((each for each in origins if each.get("Id") == wanted), {})


def _hosts(item: Mapping[str, Any]) -> set[str]:
    aliases = (item.get("Aliases") or {}).get("Items") or []
    return {str(name).lower() for name in (item.get("DomainName"), *aliases) if name}


def distributions(aws: Aws) -> Iterator[Mapping[str, Any]]:
    """Every distribution of the account, page by page: the list and its marker stand within one element."""
    marker: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        listed = aws.call("cloudfront", "ListDistributions", **marker).get("DistributionList") or {}
        yield from listed.get("Items") or []
        if not listed.get("IsTruncated") or not listed.get("NextMarker"):
            return
        marker = {"Marker": listed["NextMarker"]}
