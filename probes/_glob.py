"""Wildcards as IAM knows them."""

from __future__ import annotations


def glob(pattern: str, text: str) -> bool:
    """Whether the text fits a pattern in which * stands for any characters and ? for one.

    It never takes more steps than the product of the two lengths, whatever the pattern.
    """
    at = star = 0
    mark = -1
    here = 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at, here = at + 1, here + 1
        elif mark >= 0:
            at, mark = star + 1, mark + 1
            here = mark
        else:
            return False
    return not pattern[at:].strip("*")


def arn_like(pattern: str, arn: str) -> bool:
    """Whether an ARN fits: each of its six parts is compared on its own, a * does not reach into the next part.

    A lone * is taken for any ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if pattern == "*":
        return True
    return len(wanted) == len(given) == 6 and all(glob(one, other) for one, other in zip(wanted, given, strict=True))
