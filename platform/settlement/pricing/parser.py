"""Reading a price formula: recursive descent into the parts of `syntax.py`; nothing is run.

formula   = sum [ [";"] invoice ]
invoice   = "with" "invoice" percent | "without" "invoice"
sum       = product { ("+" | "-") product }
product   = part { ("*" | "/") part }
part      = "-" part | number [unit | "%"] | "(" sum ")" | call
call      = ("avg" | "last") "(" index "," period ")" | "called" "(" index ")"
          | ("min" | "max") "(" sum "," sum { "," sum } ")"
          | ("plus_vat" | "less_vat") "(" sum "," percent ")"
period    = "QP" | "M" | "M+1" | "D" | "D+1..D+5" | "2026-03-02..2026-03-06"
"""

from fractions import Fraction
from typing import Any, Final

from remelt.platform.settlement.pricing.errors import (
    FormulaDivides,
    FormulaRate,
    FormulaTooDeep,
    FormulaUnfinished,
    FormulaUnknownName,
    FormulaUnreadable,
)
from remelt.platform.settlement.pricing.periods import Period, read_period
from remelt.platform.settlement.pricing.syntax import (
    CHOICES,
    HOWS,
    MOST_DEPTH,
    TAXES,
    Binary,
    Choice,
    Expression,
    Formula,
    Invoice,
    Negative,
    Number,
    Quote,
    Taxed,
)
from remelt.platform.settlement.pricing.tokens import Token, plain, tokens
from remelt.platform.settlement.pricing.units import NUMBER, WRITTEN

FUNCTIONS: Final = (*HOWS, *CHOICES, *TAXES)
BP: Final = 10_000


def parse(text: str) -> Formula:
    """Return the parts of a formula; units and index codes are `checking.py`'s to judge.

    Raises a refusal of `errors.py` that names the column and the remedy.
    """
    return _Parser(plain(text)).formula()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._index = 0
        self._depth = 0

    def formula(self) -> Formula:
        price = self._sum()
        self._take(";")
        invoice = self._invoice()
        self._end()
        return Formula(price, invoice)

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self, *texts: str) -> Token | None:
        """Step over the next token if it is one of `texts`."""
        token = self._next
        if token.kind == "end" or token.text not in texts:
            return None
        self._index += 1
        return token

    def _need(self, text: str) -> Token:
        token = self._take(text)
        if token is None:
            raise FormulaUnfinished(field="formula", column=self._next.at, wanted=text)
        return token

    def _end(self) -> None:
        token = self._next
        if token.kind != "end":
            raise FormulaUnreadable(field="formula", column=token.at, typed=token.text[:30])

    def _sum(self) -> Expression:
        left = self._product()
        while token := self._take("+", "-"):
            left = Binary(token.text, left, self._product(), at=token.at)  # type: ignore[arg-type]
        return left

    def _product(self) -> Expression:
        left = self._part()
        while token := self._take("*", "/"):
            right = self._part()
            if token.text == "/" and not _never_nought(right):
                raise FormulaDivides(field="formula", column=token.at)
            left = Binary(token.text, left, right, at=token.at)  # type: ignore[arg-type]
        return left

    def _part(self) -> Expression:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise FormulaTooDeep(field="formula", column=self._next.at, most=MOST_DEPTH)
        try:
            return self._one()
        finally:
            self._depth -= 1

    def _one(self) -> Expression:
        token = self._next
        if self._take("-"):
            return Negative(self._part(), at=token.at)
        if self._take("("):
            inside = self._sum()
            self._need(")")
            return inside
        if token.kind == "number":
            return self._number()
        if token.kind == "word":
            return self._call()
        if token.kind == "end":
            raise FormulaUnfinished(field="formula", column=token.at, wanted="avg(…, QP)")
        raise FormulaUnreadable(field="formula", column=token.at, typed=token.text[:30])

    def _number(self) -> Number:
        token = self._next
        self._index += 1
        value = Fraction(token.text)
        if self._take("%"):
            return Number(value / 100, at=token.at)
        if self._next.kind != "unit":
            return Number(value, at=token.at)
        unit, factor = WRITTEN[self._next.text]
        self._index += 1
        return Number(value * factor, unit, at=token.at)

    def _call(self) -> Expression:
        name = self._next
        if name.text not in FUNCTIONS:
            raise FormulaUnknownName(
                field="formula", column=name.at, typed=name.text[:30], known=", ".join(FUNCTIONS)
            )
        self._index += 1
        self._need("(")
        made = self._called(name)
        self._need(")")
        return made

    def _called(self, name: Token) -> Expression:
        how: Any = name.text
        if how in HOWS:
            code = self._code()
            period = None
            if how != "called":
                self._need(",")
                period = self._period()
            return Quote(how, code, period, at=name.at)
        parts = [self._sum()]
        if how in TAXES:
            self._need(",")
            return Taxed(how, parts[0], self._rate(), at=name.at)
        self._need(",")
        parts.append(self._sum())
        while self._take(","):
            parts.append(self._sum())
        return Choice(how, tuple(parts), at=name.at)

    def _code(self) -> str:
        token = self._next
        if token.kind != "word":
            raise FormulaUnfinished(field="formula", column=token.at, wanted="SMM_A00")
        self._index += 1
        return token.text.upper()

    def _period(self) -> Period:
        first = self._next
        while self._next.kind != "end" and self._next.text != ")":
            self._index += 1
        return read_period(self._text[first.at - 1 : self._next.at - 1], at=first.at)

    def _rate(self) -> int:
        token = self._next
        if token.kind != "number":
            raise FormulaUnfinished(field="formula", column=token.at, wanted="13%")
        self._index += 1
        self._need("%")
        rate = Fraction(token.text) * 100
        if rate.denominator != 1 or rate > BP:
            raise FormulaRate(field="formula", column=token.at, typed=token.text)
        return int(rate)

    def _invoice(self) -> Invoice | None:
        if self._take("without"):
            self._need("invoice")
            return Invoice(included=False)
        if self._take("with"):
            self._need("invoice")
            return Invoice(included=True, rate_bp=self._rate())
        return None


def _never_nought(part: Expression) -> bool:
    """Tell whether a part may divide: a figure above nought, or what an index says."""
    if isinstance(part, Number):
        return part.value > 0 and part.unit == NUMBER
    return isinstance(part, Quote)
