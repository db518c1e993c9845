"""YAML files and front matter: read safely, each field once."""

from typing import Any

import yaml

from index.readers.blocks import Unreadable, decode

MOST_VALUES = 1_000_000
"""Values of a YAML file with all repetitions."""


class _UniqueKeys(yaml.CSafeLoader):
    """YAML that refuses a key given twice: the second would silently win."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise yaml.constructor.ConstructorError(None, None, f"the field {twice!r} stands twice", node.start_mark)
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(raw: bytes) -> Any:
    """The content of a YAML file; a fault is one line with its place."""
    try:
        loaded = yaml.load(decode(raw), Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise Unreadable(f"is not YAML: {' '.join(str(error).split())[:200]}") from error
    except RecursionError as error:
        raise Unreadable("is nested too deep") from error
    if _unfolded(loaded, {}) > MOST_VALUES:
        raise Unreadable(f"unfolds to more than {MOST_VALUES:,} values")
    return loaded


def _unfolded(value: Any, known: dict[int, int]) -> int:
    """How many values something loaded holds when each repetition (`*name`) counts."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = MOST_VALUES + 1  # what holds itself is never unfolded
        parts = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_unfolded(part, known) for part in parts)
    return known[id(value)]
