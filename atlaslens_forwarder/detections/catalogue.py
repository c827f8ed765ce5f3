"""The rules and samples that ship with this version."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.detections.fields import searchable
from atlaslens_forwarder.detections.reader import read_rule
from atlaslens_forwarder.detections.samples import Sample, read_samples
from atlaslens_forwarder.detections.selection import Vocabulary
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from atlaslens_forwarder.detections.rule import Rule

_PACKAGE: Final = "atlaslens_forwarder"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules by name, their samples, and what they may speak of."""

    rules: dict[str, Rule]
    samples: tuple[Sample, ...]
    words: Vocabulary

    def named(self, wanted: tuple[str, ...]) -> list[Rule]:
        """The rules of these names, all if none is named.

        Raises:
            ConfigError: there is no such rule.
        """
        for name in wanted:
            if name not in self.rules:
                raise ConfigError(f"no rule is called {name}", hint="see: rules list")
        return [rule for rule in self.rules.values() if not wanted or rule.name in wanted]


def known_words() -> Vocabulary:
    """Fields of the templates and the closed vocabulary of actions.

    Raises:
        ConfigError: the templates of this installation are broken.
    """
    return Vocabulary(searchable(load_templates().mapping(Family.AUDIT)), frozenset(ACTION_NAMES))


def load_catalogue(folder: Traversable | None = None) -> Catalogue:
    """Read and check every rule and sample.

    Args:
        folder: where ``rules`` and ``samples`` are; by default those of this version.

    Raises:
        ConfigError: a file is missing or wrong; file, line and problem.
    """
    place = folder or alerting_folder()
    words = known_words()
    rules: dict[str, Rule] = {}
    ids: dict[str, str] = {}
    for file, text in _texts(place, "rules"):
        rule = read_rule(file, text, words)
        if rule.id in ids:
            raise ConfigError(f"{file}:1: has the id of {ids[rule.id]}", hint="give it an id of its own")
        ids[rule.id] = file
        rules[rule.name] = rule
    samples: list[Sample] = []
    for file, text in _texts(place, "samples"):
        samples += read_samples(file, text, words)
    sampled = {sample.rule for sample in samples}
    for name in sorted(set(rules) ^ sampled):
        what = "has no samples" if name in rules else "is no rule, but has samples"
        raise ConfigError(f"alerting/rules/{name}.yml:1: {what}", hint="see docs/rules.md")
    return Catalogue(rules, tuple(samples), words)


def alerting_folder() -> Traversable:
    """``alerting`` of the installed package, or of the checkout that it runs in."""
    root = files(_PACKAGE)
    installed = root / "_data" / "alerting"
    return installed if installed.is_dir() else Path(str(root)).parent / "alerting"


def _texts(place: Traversable, kind: str) -> list[tuple[str, str]]:
    try:
        found = sorted((place / kind).iterdir(), key=lambda entry: entry.name)
        texts = [
            (f"alerting/{kind}/{file.name}", file.read_text(encoding="utf-8"))
            for file in found
            if file.name.endswith(".yml")
        ]
    except (OSError, ValueError) as error:
        raise ConfigError(f"alerting/{kind} cannot be read", hint="install the program anew") from error
    if not texts:
        raise ConfigError(f"alerting/{kind} is empty", hint="install the program anew")
    return texts
