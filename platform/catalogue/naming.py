"""What words of the trade mean, for as many of them as there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remelt.platform.catalogue.columns import fold
from remelt.platform.catalogue.models import Grade, GradeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """Grades by their codes, and by what they are called; words as `folded` gives them."""

    coded: Mapping[str, Sequence[Grade]]
    called: Mapping[str, Sequence[Grade]]

    @classmethod
    def of(cls, grades: Iterable[Grade], *, aliases: Iterable[GradeAlias]) -> "Words":
        """Put grades under every word that they go by."""
        said: dict[tuple[str, str], set[str]] = {}
        for alias in aliases:
            said.setdefault((alias.system, alias.code), set()).add(alias.folded)
        coded: dict[str, list[Grade]] = {}
        called: dict[str, list[Grade]] = {}
        for row in grades:
            for word in {fold(row.code), fold(f"{row.system} {row.code}")}:
                coded.setdefault(word, []).append(row)
            own = {fold(row.name_zh), fold(row.name_en)}
            for word in own | said.get((row.system, row.code), set()):
                called.setdefault(word, []).append(row)
        return cls(coded, called)

    def grade(self, text: str) -> Grade | None:
        """Return the grade that a word means: its code, name or alias, Chinese or English.

        A word of several grades means the only one of Chinese trade among them, where there is
        just one; otherwise None: ask `grades` and let the person choose.
        """
        found = self.grades(text)
        if len(found) == 1:
            return found[0]
        trade = [grade for grade in found if grade.system == "CN-trade"]
        return trade[0] if len(trade) == 1 else None

    def grades(self, text: str) -> list[Grade]:
        """Return every grade that a word may mean: an exact code first, else names and aliases.

        Full-width letters, case and white space do not matter. `system code` is a code too.
        """
        word = folded(text)
        coded = self.coded.get(word, ())
        if coded or not word or not word.isprintable():
            return list(coded)
        return list(self.called.get(word, ()))


def folded(text: str) -> str:
    """Return a word as it is looked up; beyond 300 characters nothing is."""
    return fold(text[:300])
