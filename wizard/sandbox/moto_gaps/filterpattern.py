"""CloudWatch Logs filter patterns made of terms.

``a b`` needs all terms, ``?a ?b`` any of them, ``-a`` none of them; ``"a b"`` is one term. Matching is case-sensitive.
Patterns in ``[...]`` or ``{...}`` are not terms: ValueError.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def compiled(pattern: str) -> Callable[[str], bool]:
    """A test for messages. Raises ValueError for a pattern that is not made of terms."""
    pattern = pattern.strip()
    if pattern[:1] in ("[", "{", "%"):
        raise ValueError("Only filter patterns made of terms are supported")
    required: list[str] = []
    optional: list[str] = []
    excluded: list[str] = []
    for sign, quoted, plain in _TERM.findall(pattern):
        term = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        {"?": optional, "-": excluded}.get(sign, required).append(term)

    def matches(message: str) -> bool:
        if any(term in message for term in excluded) or not all(term in message for term in required):
            return False
        # Beside required terms, the optional ones decide nothing.
        return bool(required) or not optional or any(term in message for term in optional)

    return matches
