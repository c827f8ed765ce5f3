"""YAML whose every part knows its line, so that what is wrong with a file can be told in one line. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

HINT = "see docs/rules.md"


@dataclass(frozen=True, slots=True)
class Located:
    """A part of a file: the YAML node, where it stands, and what to do when it is wrong."""

    file: str
    node: Any
    hint: str = HINT

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.node.start_mark.line + 1}"

    def wrong(self, problem: str) -> ConfigError:
        """The error to raise for this part."""
        return ConfigError(f"{self.place}: {problem}", hint=self.hint)

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def items(self) -> dict[str, Located]:
        """The parts of a mapping by key.

        Raises:
            ConfigError: it is no mapping, or has a key twice.
        """
        if not self.is_mapping:
            raise self.wrong("must be a mapping")
        found: dict[str, Located] = {}
        for key, value in self.node.value:
            name = str(key.value)
            if name in found:
                raise Located(self.file, key, self.hint).wrong(f"{name} stands here twice")
            # An empty value is where its key is.
            found[name] = Located(self.file, value, self.hint)
        return found

    def parts(self) -> list[Located]:
        """The entries of a list; anything else is a list of itself."""
        return [Located(self.file, entry, self.hint) for entry in self.node.value] if self.is_list else [self]

    def value(self) -> Any:
        """What it says, as Python has it.

        Raises:
            ConfigError: it cannot be told.
        """
        try:
            return yaml.SafeLoader("").construct_object(self.node, deep=True)  # type: ignore[no-untyped-call,unused-ignore]
        except (yaml.YAMLError, ValueError) as error:
            raise self.wrong("cannot be read") from error

    def text(self) -> str:
        """What it says, if that is text.

        Raises:
            ConfigError: it is empty or no text.
        """
        value = self.value()
        if not isinstance(value, str) or not value.strip():
            raise self.wrong("must be a text")
        return value.strip()

    def texts(self) -> tuple[str, ...]:
        """The texts of a list, or the one text."""
        return tuple(part.text() for part in self.parts())


def read_documents(file: str, text: str, hint: str = HINT) -> Iterator[Located]:
    """The documents of a YAML file.

    Raises:
        ConfigError: it is no YAML.
    """
    try:
        for node in yaml.compose_all(text, Loader=yaml.SafeLoader):
            if isinstance(node, yaml.Node):  # an empty document has none
                yield Located(file, node, hint)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{file}:{line}: is no YAML ({error.problem})", hint=hint) from None
    except yaml.YAMLError:
        raise ConfigError(f"{file}:1: is no YAML", hint=hint) from None
