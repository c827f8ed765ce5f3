"""Gathers what ``connect`` needs: from options, files, the environment, present settings, and people."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.service.connect.address import name_of, normalise_address, normalise_site
from atlaslens_forwarder.service.connect.answers import (
    Answers,
    BitbucketAnswers,
    OrganisationAnswers,
    site_prefix,
)
from atlaslens_forwarder.settings import SITE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

STDIN: Final = "-"
_TOKEN: Final = re.compile(r"[!-~]+")


class Asker:
    """Asks people, where there are any.

    Args:
        interactive: whether questions are wanted; without a terminal on standard input none is asked.
    """

    def __init__(self, *, interactive: bool) -> None:
        self.interactive = interactive and sys.stdin.isatty()
        self._stdin_used = False

    def text(self, given: str | None, question: str, option: str, *, default: str | None = None) -> str:
        """An answer in clear.

        Raises:
            ConfigError: it is missing and nobody can be asked.
        """
        if given is not None:
            return given.strip()
        if not self.interactive:
            if default is not None:
                return default
            raise ConfigError(f"{question} is missing", hint=f"give {option}")
        answer: str = click.prompt(question, default=default, show_default=bool(default), err=True)
        return answer.strip()

    def secret(self, file: str | None, known: str, question: str, option: str, variable: str) -> str:
        """A token from a file, standard input, what is known already, or a prompt that does not show it.

        Raises:
            ConfigError: it is missing, or no token.
        """
        if file is not None:
            found = self._from_file(file, option)
        elif known:
            found = known
        elif self.interactive:
            found = click.prompt(f"{question} (not shown)", hide_input=True, err=True).strip()
        else:
            raise ConfigError(f"{question} is missing", hint=f"give {option}, or set {variable}")
        if not _TOKEN.fullmatch(found):
            raise ConfigError(
                f"{question} must be one word of ASCII characters", hint="as Atlassian shows it once"
            )
        return found

    def yes(self, question: str) -> bool:
        """Whether somebody says yes; nobody there says no."""
        return self.interactive and click.confirm(question, err=True)

    def _from_file(self, file: str, option: str) -> str:
        if file == STDIN:
            if self._stdin_used:
                raise ConfigError(
                    "only one token can come from standard input", hint=f"give a file to {option}"
                )
            self._stdin_used = True
            return sys.stdin.readline().strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"cannot read the file of {option}", hint=error.strerror or "check it"
            ) from error
        except UnicodeDecodeError:  # not chained: it quotes the secret
            raise ConfigError(f"cannot read the file of {option}", hint="it is not UTF-8 text") from None


def collect_answers(
    asker: Asker, there: Mapping[str, str], given: Mapping[str, str | tuple[str, ...] | None], *, force: bool
) -> tuple[Answers, bool]:
    """All answers, and whether they replace another site of the same name.

    Raises:
        ConfigError: something is missing or cannot be used, or another site must not be replaced.
    """
    options = {key: value for key, value in given.items() if isinstance(value, str)}
    site = asker.text(options.get("site"), "Site (acme or https://acme.atlassian.net)", "--site")
    url = normalise_site(site)
    name = asker.text(options.get("name"), "Short name for it", "--name", default=name_of(url)).casefold()
    if not SITE_NAME.fullmatch(name):
        raise ConfigError(
            "the site's name does not fit", hint="use letters, digits, hyphens and single underscores"
        )
    prefix = site_prefix(name)
    other = there.get(f"{prefix}URL", "")
    is_other = bool(other) and other.rstrip("/").casefold() != url
    if is_other and not force and not asker.yes(f"{name} is {other} now. Replace it by {url}?"):
        raise ConfigError(
            f"another site is called {name} already", hint="give --name, or --force to replace it"
        )
    known = {} if is_other else {key: value for key, value in there.items() if value}
    known |= {key.upper(): value for key, value in os.environ.items() if value}
    email = asker.text(
        options.get("email"),
        "E-mail of the account (empty for an OAuth token)",
        "--email",
        default=known.get(f"{prefix}EMAIL", ""),
    )
    token = asker.secret(
        options.get("token_file"), known.get(f"{prefix}API_TOKEN", ""), "API token", "--token-file",
        f"{prefix}API_TOKEN",
    )  # fmt: skip
    answers = Answers(
        name=name,
        url=url,
        email=email,
        token=token,
        gateway_url=_address(options.get("gateway_url"), known.get(f"{prefix}GATEWAY_URL"), "--gateway-url"),
        bitbucket=_bitbucket(asker, known, prefix, given),
        organisation=_organisation(asker, known, prefix, options),
    )
    return answers, is_other


def _bitbucket(
    asker: Asker, known: Mapping[str, str], prefix: str, given: Mapping[str, str | tuple[str, ...] | None]
) -> BitbucketAnswers | None:
    file, email, url = (
        value if isinstance(value := given.get(name), str) else None
        for name in ("bitbucket_token_file", "bitbucket_email", "bitbucket_url")
    )
    listed = given.get("workspaces")
    workspaces = listed if isinstance(listed, tuple) else ()
    start = f"{prefix}BITBUCKET__"
    there = known.get(f"{start}API_TOKEN", "")
    wanted = file is not None or email is not None or bool(workspaces) or bool(there)
    if not wanted and not asker.yes("Read Bitbucket as well?"):
        return None
    email = asker.text(
        email, "E-mail for Bitbucket (empty for an access token)", "--bitbucket-email",
        default=known.get(f"{start}EMAIL", ""),
    )  # fmt: skip
    token = asker.secret(file, there, "Bitbucket token", "--bitbucket-token-file", f"{start}API_TOKEN")
    if not email and not workspaces:  # an access token knows one workspace and cannot tell which
        kept = ", ".join(re.findall(r'"([^"]+)"', known.get(f"{start}WORKSPACES", "")))
        named = asker.text(kept or None, "Bitbucket workspace of the access token", "--bitbucket-workspace")
        workspaces = tuple(part.strip() for part in named.split(",") if part.strip())
    return BitbucketAnswers(
        token=token,
        email=email,
        workspaces=workspaces,
        url=_address(url, known.get(f"{start}URL"), "--bitbucket-url"),
    )


def _organisation(
    asker: Asker, known: Mapping[str, str], prefix: str, options: Mapping[str, str]
) -> OrganisationAnswers | None:
    start = f"{prefix}ORGANISATION__"
    organisation = options.get("organisation_id", known.get(f"{start}ID", ""))
    file = options.get("organisation_key_file")
    if (
        not organisation
        and file is None
        and not asker.yes("Read the organisation's events (Atlassian Guard)?")
    ):
        return None
    organisation = asker.text(organisation or None, "Organisation id", "--organisation-id")
    key = asker.secret(
        file, known.get(f"{start}API_KEY", ""), "Organisation API key", "--organisation-key-file",
        f"{start}API_KEY",
    )  # fmt: skip
    return OrganisationAnswers(organisation, key)


def _address(given: str | None, known: str | None, option: str) -> str:
    return normalise_address(given, option) if given else known or ""
