"""The person's configuration file: defaults for options of the same name. Flags and environment win."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from wizard.report.names import FORMATS
from wizard.ui.options import close, duration_s

KNOWN = ("profile", "region", "endpoint_url", "since", "tree", "output", "theme", "still", "step", "keys")


class ConfigError(Exception):
    """The file cannot be used; the text is one line that names file and line."""


def config_path(environ: Mapping[str, str] = os.environ) -> Path:
    """$XDG_CONFIG_HOME/apigw-wizard/config.yaml (https://specifications.freedesktop.org/basedir-spec/)."""
    home = environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if os.path.isabs(home) else Path("~/.config").expanduser()
    return base / "apigw-wizard" / "config.yaml"


def load_config(path: Path) -> dict[str, str]:
    """The defaults in the file, empty when there is none.

    Raises:
        ConfigError: it cannot be read, is not YAML, or names an unknown option or a value that is no plain text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}:1: not UTF-8 text") from error
    found = _read(path, text)
    if "tree" in found:
        found["tree"] = str(path.parent / Path(found["tree"]).expanduser())
    return found


def _read(path: Path, text: str) -> dict[str, str]:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {error.problem or 'not YAML'}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}:1: not YAML: {str(error).splitlines()[0]}") from error
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{path}:{root.start_mark.line + 1}: expected lines of the form name: value")
    found: dict[str, str] = {}
    for key, value in root.value:
        where = f"{path}:{key.start_mark.line + 1}"
        name = str(key.value).replace("-", "_")
        if name not in KNOWN:
            raise ConfigError(f"{where}: unknown option {key.value!r}.{close(name, list(KNOWN))}")
        if not isinstance(value, yaml.ScalarNode) or not value.value:
            raise ConfigError(f"{where}: {key.value} wants one value")
        found[name] = value.value
        _check(where, name, value.value)
    return found


def _check(where: str, name: str, value: str) -> None:
    if name == "output" and value not in FORMATS:
        raise ConfigError(f"{where}: output is {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {value!r}")
    if name == "since":
        try:
            duration_s(value)
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from error
