"""Reading an answer of many lines at a terminal: until it is whole, or until an empty line."""

from __future__ import annotations

import select
import sys

# Seconds in which the rest of a paste that is under way arrives.
_GRACE_S = 0.15


def read_paste(prompt: str) -> str:
    """The lines that are typed or pasted; a single line that is no beginning of JSON is an answer by itself.

    Raises:
        KeyboardInterrupt: Ctrl+C, or the end of the input before anything came.
    """
    _take_long_lines()
    lines: list[str] = []
    while True:
        try:
            # A terminal that brackets pastes gives many lines at once.
            lines += input("" if lines else prompt).split("\n")
        except EOFError:
            if lines:
                return "\n".join(lines)
            raise KeyboardInterrupt from None
        if _is_over(lines):
            return "\n".join(lines)


def _is_over(lines: list[str]) -> bool:
    from wizard.aws.cli_answer import is_whole

    last, text = lines[-1].strip(), "\n".join(lines)
    if _more_waits():
        return False
    if not last or (len(lines) == 1 and _is_word(last)):
        return True
    # Only where an object may end: to look at all of a long text after each of its lines would take long.
    may_end = lines[-1].startswith("}") or last.startswith(("{", "took ")) or "rror" in last or len(lines) == 1
    if may_end and is_whole(text):
        _let_go()
        return True
    return False


def _is_word(line: str) -> bool:
    """Whether one line says all: a word, or the name of a file."""
    return len(line.split()) == 1 and not line.startswith(("{", "["))


def _more_waits() -> bool:
    """Whether more of a paste is about to be read; only a terminal can tell."""
    if not sys.stdin.isatty():
        return False
    try:
        return bool(select.select([sys.stdin], [], [], _GRACE_S)[0])
    except (OSError, ValueError):
        return False


def _let_go() -> None:
    """What stands behind the answer, such as the prompt of a shell, is no answer to the next question."""
    if not sys.stdin.isatty():
        return
    try:
        import termios
    except ImportError:  # Windows
        return
    termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _take_long_lines() -> None:
    """Lets the terminal give lines of any length; by itself it cuts them at 4095 bytes.

    https://man7.org/linux/man-pages/man3/termios.3.html (canonical mode)
    """
    try:
        import readline
    except ImportError:
        return
    set_auto = getattr(readline, "set_auto_history", None)
    if set_auto:
        set_auto(False)
