"""Cutting the text of a formula into words, numbers, units and signs."""

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from remelt.platform.settlement.pricing.errors import (
    FormulaNumber,
    FormulaTooLong,
    FormulaUnreadable,
)
from remelt.platform.settlement.pricing.syntax import MOST_CHARACTERS
from remelt.platform.settlement.pricing.units import WRITTEN

SIGNS: Final = frozenset("+-*/(),%;")
MOST_DIGITS: Final = 12
MOST_DECIMALS: Final = 6
_DIGITS: Final = frozenset("0123456789")
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORD: Final = _LETTERS | _DIGITS | {"_"}
_AS_TYPED: Final = {"×": "*", "÷": "/", "−": "-", "–": "-", "。": ".", "、": ",", "﹣": "-"}
_LONGEST_FIRST: Final = sorted(WRITTEN, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text; at: its column, from 1."""

    kind: Literal["number", "word", "unit", "sign", "range", "end"]
    text: str
    at: int


def plain(text: str) -> str:
    """Return the text with full-width signs made plain, as long as it was.

    Columns stay true: a character is only changed into one character.
    """
    return "".join(_plain(char) for char in text)


def tokens(text: str) -> list[Token]:
    """Cut a formula, already `plain`, into tokens; the last is `end`.

    Raises `FormulaTooLong`, `FormulaNumber` or `FormulaUnreadable`.
    """
    if len(text) > MOST_CHARACTERS:
        raise FormulaTooLong(field="formula", most=MOST_CHARACTERS)
    found: list[Token] = []
    index = 0
    while index < len(text):
        if text[index].isspace():
            index += 1
            continue
        token = _at(text, index)
        found.append(token)
        index += len(token.text)
    return [*found, Token("end", "", len(text) + 1)]


def _at(text: str, index: int) -> Token:
    char, column = text[index], index + 1
    if char in _DIGITS:
        return Token("number", _number(text, index), column)
    if char == "." and text[index : index + 2] == "..":
        return Token("range", "..", column)
    for unit in _LONGEST_FIRST:
        end = index + len(unit)
        if text.startswith(unit, index) and text[end : end + 1] not in _WORD:
            return Token("unit", unit, column)
    if char in _LETTERS:
        return Token("word", _run(text, index, _WORD), column)
    if char in SIGNS:
        return Token("sign", char, column)
    raise FormulaUnreadable(field="formula", column=column, typed=char)


def _number(text: str, index: int) -> str:
    whole = _run(text, index, _DIGITS)
    end = index + len(whole)
    decimals = _run(text, end + 1, _DIGITS) if text[end : end + 1] == "." else ""
    number = f"{whole}.{decimals}" if decimals else whole
    if len(whole) > MOST_DIGITS or len(decimals) > MOST_DECIMALS:
        raise FormulaNumber(
            field="formula", column=index + 1, digits=MOST_DIGITS, decimals=MOST_DECIMALS
        )
    return number


def _run(text: str, index: int, allowed: frozenset[str]) -> str:
    end = index
    while end < len(text) and text[end] in allowed:
        end += 1
    return text[index:end]


def _plain(char: str) -> str:
    folded = _AS_TYPED.get(char) or unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char
