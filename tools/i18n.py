"""The two catalogues of the pages: English is the key, Chinese the default.

    python -m tools.i18n add      reads `English<TAB>中文` lines; plurals as `one || many<TAB>中文`
    python -m tools.i18n extract  prints what lacks Chinese, ready to be filled for `add`
    python -m tools.i18n prune    drops what no page says any more
    python -m tools.i18n check    names every fault and exits 1 if there is one
    python -m tools.i18n compile  writes the .mo files

The catalogues are sorted and carry no places or dates, so that two branches merge line by line.
"""

import fcntl
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
FOLDER = WEB / "translations"
LOCALES = ("zh_CN", "en")
PLURAL = " || "
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.svg", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a catalogue: which sentence, and what."""

    message: str
    what: str

    def __str__(self) -> str:
        """Return the fault as one line."""
        return f"{self.what}: {self.message}"


def said(web: Path = WEB) -> dict[str, tuple[str, ...]]:
    """Every sentence the code and templates of `web` say: singular -> (singular[, plural])."""
    options = {"**.html": {"trimmed": "true"}}
    found = extract_from_dir(web, METHODS, options, KEYWORDS)
    forms = ((m,) if isinstance(m, str) else tuple(m) for _, _, m, _, _ in found)
    return {form[0]: form for form in forms if form[0]}


def path_of(locale: str) -> Path:
    """Where the catalogue of `locale` stands."""
    return FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """The catalogue of `locale`; an empty one when there is none yet."""
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, fuzzy=False)
    lines = path.read_bytes().splitlines(keepends=True)
    return read_po(_first_answers(lines), locale=locale)


def _first_answers(lines: list[bytes]) -> Iterator[bytes]:
    """Drop a second msgstr of the same msgid, as a merge of two branches leaves behind."""
    before = b""
    for line in lines:
        if line.startswith(b"msgstr ") and before == b"msgstr ":
            continue
        if line.strip():
            before = line[:7]
        yield line


def write(locale: str, catalogue: Catalog) -> None:
    """Store the catalogue sorted by English, without dates or places."""
    plain = Catalog(locale=locale, fuzzy=False)
    for message in catalogue:
        if message.id:
            plain.add(message.id, message.string)
    path = path_of(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        write_po(file, plain, width=-1, sort_output=True, omit_header=True, no_location=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += f'"Plural-Forms: {plain.plural_forms}\\n"\n\n'
    partial.write_text(header + partial.read_text().lstrip("\n"))
    partial.replace(path)


@contextmanager
def locked() -> Iterator[None]:
    """Hold the catalogues for one writer."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def add(lines: list[str]) -> int:
    """Put `English<TAB>中文` lines into the Chinese catalogue; return how many.

    A line without a tab is refused before anything is written.
    """
    pairs = [line.rstrip("\n").split("\t") for line in lines if line.strip()]
    for pair in pairs:
        if len(pair) != 2 or not all(part.strip() for part in pair):  # noqa: PLR2004 - a pair
            raise SystemExit(f"not `English<TAB>中文`: {pair}")
    with locked():
        chinese, english = read("zh_CN"), read("en")
        for key, answer in pairs:
            one, *many = key.split(PLURAL)
            if many:
                english.delete(one)
                chinese.delete(one)
                english.add((one, many[0]), (one, many[0]))
                chinese.add((one, many[0]), (answer,))
            else:
                chinese.add(one, answer)
        write("zh_CN", chinese)
        write("en", english)
    return len(pairs)


def prune() -> int:
    """Drop what no page says any more; return how many entries went."""
    wanted, gone = said(), 0
    with locked():
        for locale in LOCALES:
            catalogue = read(locale)
            for message in [m for m in catalogue if m.id and _key(m) not in wanted]:
                catalogue.delete(message.id)
                gone += locale == "zh_CN"
            write(locale, catalogue)
    return gone


def missing() -> list[str]:
    """What pages say without Chinese, as `add` takes it but for the Chinese."""
    chinese = {_key(m) for m in read("zh_CN") if m.id and m.string and all(_answers(m))}
    return [PLURAL.join(forms) for key, forms in sorted(said().items()) if key not in chinese]


def faults() -> list[Fault]:
    """Everything wrong: missing, unused, fuzzy, other placeholders, a bare per cent sign."""
    wanted = said()
    found = [Fault(key, "no Chinese") for key in missing()]
    found += [
        Fault(key, "a bare % breaks formatting: pass the figure with its unit")
        for key in wanted
        if "%" in PLACEHOLDER.sub("", key)
    ]
    for locale in LOCALES:
        for message in read(locale):
            if message.id:
                found += [Fault(_key(message), what) for what in _wrong(message, wanted)]
    return found


def _wrong(message: Message, wanted: dict[str, tuple[str, ...]]) -> Iterator[str]:
    key = _key(message)
    if key not in wanted:
        yield "no page says this any more"
    if message.fuzzy:
        yield "fuzzy"
    asked = {p for form in wanted.get(key, (key,)) for p in PLACEHOLDER.findall(form)}
    for answer in _answers(message):
        if answer and set(PLACEHOLDER.findall(answer)) != asked:
            yield "other placeholders than the English"


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _answers(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def compile_catalogues(folder: Path = FOLDER) -> None:
    """Write a .mo beside each .po under `folder`."""
    for path in folder.glob("*/LC_MESSAGES/messages.po"):
        with path.with_suffix(".part").open("wb") as file:
            write_mo(file, read(path.parts[-3]))
        path.with_suffix(".part").replace(path.with_suffix(".mo"))


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    command = arguments[0] if arguments else ""
    if command == "add":
        print(f"{add(sys.stdin.readlines())} added")
        compile_catalogues()
    elif command == "extract":
        print("\n".join(f"{key}\t" for key in missing()))
    elif command == "prune":
        print(f"{prune()} dropped")
    elif command == "check":
        found = faults()
        print("\n".join(map(str, found)))
        return 1 if found else 0
    elif command == "compile":
        compile_catalogues()
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
