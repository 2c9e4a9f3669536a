"""What each app of the product compiles alike is compiled once in a process.

Nearly every functional test makes an app of its own; to compile some seven hundred routes and the
templates anew for each was half of what they took.
"""

from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule


class _Kept(BytecodeCache):
    """Compiled templates by where they stand and what they say."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


class _Compiled:
    """Compiled rules by all that decides on how they are compiled."""

    def __init__(self) -> None:
        self._rules: dict[Any, Rule] = {}
        self._compile = Rule.compile

    def compile(self, rule: Rule) -> None:
        assert rule.map is not None
        key = (
            rule.rule, rule.subdomain, rule.host, rule.map.host_matching, rule.merge_slashes,
            repr(rule.defaults),
        )  # fmt: skip
        known = self._rules.get(key)
        if known is None:
            self._compile(rule)
            self._rules[key] = rule
            return
        rule._parts, rule._trace = known._parts, known._trace
        rule._converters, rule.arguments = known._converters, known.arguments
        rule._build = known._build.__func__.__get__(rule, None)
        rule._build_unknown = known._build_unknown.__func__.__get__(rule, None)


def share() -> None:
    """Have all apps that are made from now on share what they compile."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Kept()}
    kept = _Compiled()
    Rule.compile = lambda rule: kept.compile(rule)  # noqa: PLW0108 - it becomes a method of rules
