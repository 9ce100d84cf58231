"""Token buckets and quotas, on the sandbox's clock: customers of yesterday use up yesterday's tokens.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

import threading
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta

_REMEMBERED = 5_000
_DAYS = {"DAY": 1, "WEEK": 7}


class Limits:
    """What was let through so far. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: defaultdict[Hashable, list[float]] = defaultdict(list)
        self._used: Counter[Hashable] = Counter()

    def clear(self) -> None:
        """Fill every bucket and forget every quota."""
        with self._lock:
            self._served.clear()
            self._used.clear()

    def admit(self, key: Hashable, rate: float, burst: int, now: float) -> bool:
        """Take a token of the bucket ``key``: ``rate`` flow in a second, ``burst`` fit in. False when none is left."""
        with self._lock:
            served = self._served[key]
            tokens, last = float(burst), 0.0
            for moment in served:
                if moment > now:
                    break
                tokens = min(float(burst), tokens + (moment - last) * rate) - 1
                last = moment
            if min(float(burst), tokens + (now - last) * rate) < 1:
                return False
            insort(served, now)
            del served[:-_REMEMBERED]
            return True

    def count(self, key: Hashable, limit: int, period: str, now: float) -> bool:
        """Count a request against a quota of DAY, WEEK or MONTH (UTC). False when the period has none left."""
        with self._lock:
            slot = (key, _start(period, now))
            if self._used[slot] >= limit:
                return False
            self._used[slot] += 1
            return True


def _start(period: str, now: float) -> str:
    day = datetime.fromtimestamp(now, UTC).date()
    if period == "MONTH":
        return day.strftime("%Y-%m")
    if _DAYS.get(period) == _DAYS["WEEK"]:
        day -= timedelta(days=day.weekday())
    return day.isoformat()
