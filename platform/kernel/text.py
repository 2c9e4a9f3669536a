"""Words as people type them: tidied, and cut so that two Chinese characters are found."""

import unicodedata
from itertools import pairwise


def tidy(text: str) -> str:
    """Return the text in NFKC with white space folded: full-width digits become plain ones."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def bigrams(text: str) -> str:
    """Return each character and pair of neighbours of each word, lower case, joined by spaces.

    Stored beside a row and searched with the same cut, it finds words of one and two Chinese
    characters on any engine. Letters and digits keep their whole word too.

    >>> bigrams("废铝 6063")
    '废 铝 废铝 6 0 3 60 06 63 6063'
    """
    found: dict[str, None] = {}
    for word in _words(text):
        found.update(dict.fromkeys(word))
        found.update(dict.fromkeys(word[i : i + 2] for i in range(len(word) - 1)))
        if word.isascii():
            found[word] = None
    return " ".join(found)


def search_terms(text: str) -> list[str]:
    """Return the terms that a row must all hold for `text` to be found in it.

    >>> search_terms("铝 光亮铜")
    ['铝', '光亮', '亮铜']
    """
    found: dict[str, None] = {}
    for word in _words(text):
        if word.isascii() or len(word) == 1:
            found[word] = None
        else:
            found.update(dict.fromkeys(word[i : i + 2] for i in range(len(word) - 1)))
    return list(found)


def _words(text: str) -> list[str]:
    spaced = "".join(c if c.isalnum() else " " for c in tidy(text).lower())
    words: list[str] = []
    for word in spaced.split():
        run = word[0]
        for before, after in pairwise(word):
            if before.isascii() == after.isascii():
                run += after
            else:
                words.append(run)
                run = after
        words.append(run)
    return words
