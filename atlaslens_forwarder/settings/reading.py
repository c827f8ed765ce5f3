"""Settings: from the environment, ``.env`` and a secrets folder, in this order of precedence.

Every name starts with ``ATLASLENS_``; nested ones are joined by two underscores. A name with our prefix that
is not a setting is an error, since a misspelt retention or token must not be ignored silently. An empty
value counts as not set. Values are taken as they stand: no ``${…}`` in them is replaced.
"""

from __future__ import annotations

import difflib
import errno
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin

from dotenv import dotenv_values
from pydantic import BaseModel, ValidationError

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.settings.settings import Settings
from atlaslens_forwarder.settings.sites import SITE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX = "ATLASLENS_"
DELIMITER = "__"
ENV_FILE_VARIABLE = "ATLASLENS_ENV_FILE"
"""Names the ``.env`` file; read before all settings, so it is no setting itself."""
SECRETS_FOLDER_VARIABLE = "ATLASLENS_SECRETS_DIR"


def load_settings(env_file: Path | None = None) -> Settings:
    """Read and check all settings.

    Args:
        env_file: the ``.env`` file; by default the one named by ``ATLASLENS_ENV_FILE``, else ``.env`` in
            the current folder when there is one.

    Raises:
        ConfigError: a file cannot be read, a name is unknown, or a value cannot be used. The message never
            holds a value.
    """
    path = settings_file(env_file)
    is_named = env_file is not None or bool(os.environ.get(ENV_FILE_VARIABLE))
    in_file = _read_env_file(path, required=is_named)
    if any(name.upper() == SECRETS_FOLDER_VARIABLE for name in in_file):
        raise ConfigError(
            f"{SECRETS_FOLDER_VARIABLE} cannot be set in {path}", hint="set it in the environment"
        )
    secrets = _read_secrets_folders()
    given: dict[str, str] = {}
    for origin, values in (
        ("the secrets folder", secrets),
        (str(path), in_file),
        ("the environment", os.environ),
    ):
        _refuse_unknown(values, origin)
        given |= {name.upper(): value for name, value in values.items() if value}
    return settings_from(given)


def settings_file(named: Path | None = None) -> Path:
    """The settings file: the named one, that of ``ATLASLENS_ENV_FILE``, or ``.env`` in the current folder."""
    return named or Path(os.environ.get(ENV_FILE_VARIABLE) or ".env")


def secret_files(folder: Path) -> list[Path]:
    """The files of a secrets folder that are named like a setting.

    Raises:
        OSError: the folder cannot be read.
    """
    return sorted(
        path for path in folder.iterdir() if path.name.upper().startswith(PREFIX) and path.is_file()
    )


def settings_from(values: Mapping[str, str]) -> Settings:
    """Settings from variables by their full names in capitals, all of which are known.

    Raises:
        ConfigError: a value cannot be used; the message never holds a value.
    """
    try:
        return Settings.model_validate(_nested(values))
    except ValidationError as error:
        raise ConfigError(_first_problem(error), hint="see .env.example") from None


def variable_names() -> dict[str, str]:
    """Every setting's environment name with its description; ``<SITE>`` stands for a site's name."""
    return dict(_variables(Settings, PREFIX))


def _variables(model: type[BaseModel], prefix: str) -> Iterable[tuple[str, str]]:
    for name, info in model.model_fields.items():
        full = f"{prefix}{name.upper()}"
        annotation = info.annotation
        if get_origin(annotation) is dict:
            annotation, full = get_args(annotation)[1], f"{full}{DELIMITER}<SITE>"
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _variables(annotation, f"{full}{DELIMITER}")
        else:
            yield full, info.description or ""


def _read_env_file(path: Path, *, required: bool) -> dict[str, str]:
    try:
        if not required and not path.exists():
            return {}
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        with path.open(encoding="utf-8") as file:
            values = dotenv_values(stream=file, interpolate=False)
    except OSError as error:
        raise ConfigError(
            f"cannot read the settings file {path}", hint=error.strerror or "check its path"
        ) from error
    except UnicodeDecodeError:  # not chained: it quotes the file
        raise ConfigError(f"cannot read the settings file {path}", hint="it is not UTF-8 text") from None
    for name, value in values.items():
        if value is None and name.upper().startswith(PREFIX):
            raise ConfigError(f"the setting {name} in {path} has no value", hint=f"write {name}=value")
    return {name: value for name, value in values.items() if value is not None}


def _read_secrets_folders() -> dict[str, str]:
    """Contents of the files named like a setting, without white space around them; later folders win."""
    found: dict[str, str] = {}
    for folder in filter(None, os.environ.get(SECRETS_FOLDER_VARIABLE, "").split(os.pathsep)):
        place = Path(folder)
        try:
            for file in secret_files(place):
                place = file
                found[file.name.upper()] = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"cannot read {place}", hint=error.strerror or "check it") from error
        except UnicodeDecodeError:  # not chained: it quotes the secret
            raise ConfigError(f"cannot read {place}", hint="it is not UTF-8 text") from None
    return found


def _nested(given: Mapping[str, str]) -> dict[str, Any]:
    """``{"ATLASLENS_LOG__LEVEL": "info"}`` as ``{"log": {"level": "info"}}``; all names are known."""
    tree: dict[str, Any] = {}
    for name, value in given.items():
        if not name.startswith(PREFIX) or name == ENV_FILE_VARIABLE:
            continue
        *parents, leaf = name.removeprefix(PREFIX).lower().split(DELIMITER)
        part = tree
        for parent in parents:
            part = part.setdefault(parent, {})
        part[leaf] = value
    return tree


def _refuse_unknown(names: Iterable[str], origin: str) -> None:
    known = variable_names()
    patterns = [
        re.compile(re.escape(name).replace(re.escape("<SITE>"), SITE_NAME.pattern.upper()))
        for name in known
        if "<SITE>" in name
    ]
    for given in names:
        name = given.upper()
        if not name.startswith(PREFIX) or name in known or name == ENV_FILE_VARIABLE:
            continue
        if any(pattern.fullmatch(name) for pattern in patterns):
            continue
        raise ConfigError(
            f"unknown setting {name} in {origin}", hint=f"did you mean {_nearest(name, known)}?"
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    parts = name.split(DELIMITER)
    candidates = list(known)
    if parts[0] == f"{PREFIX}SITES" and parts[2:]:
        candidates = [candidate.replace("<SITE>", parts[1]) for candidate in candidates]
    return max(candidates, key=lambda candidate: difflib.SequenceMatcher(None, name, candidate).ratio())


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    place = DELIMITER.join(str(part).upper() for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"setting {PREFIX}{place}: {message[0].lower()}{message[1:]}"
