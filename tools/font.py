"""Make the font of our papers: the part of Noto Sans CJK SC that Chinese writing needs.

    python -m tools.font

The collection and its licence come with Debian's package `fonts-noto-cjk`. Kept are the 8,105
characters of the Table of General Standard Chinese Characters (2013, as Unicode's kTGH lists
them; tools/characters.txt), Latin, punctuation and the signs that papers use. The result is
locked in web/vendor.lock.toml beside the files of browsers.
"""

import sys
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from tools import vendor

NAME, VERSION = "noto-sans-cjk-sc", "2.004"
FACE = "Noto Sans CJK SC"
KEPT = "regular.woff"
WHY = "Chinese in PDF and on label printers; the part that the general standard table names."
COLLECTION = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
COPYRIGHT = Path("/usr/share/doc/fonts-noto-cjk/copyright")
CHARACTERS = Path(__file__).with_name("characters.txt")
SIGNS = (
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x100),  # Latin 1
    *range(0x2010, 0x2027),  # dashes, quotation marks, the ellipsis
    *range(0x3000, 0x3020),  # Chinese punctuation
    *range(0xFF01, 0xFF5F),  # full-width letters
    *map(ord, "€￥℃←↑→↓≤≥≠≈−‰™✓"),
)
DROPPED = ("BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx")


def subset(collection: Path) -> TTFont:
    """Return the face cut to our characters, without hints and layout tables."""
    faces = TTCollection(collection).fonts
    font = next(face for face in faces if face["name"].getDebugName(4).startswith(FACE))
    font.recalcTimestamp = False
    options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"])
    options.drop_tables += DROPPED
    cutter = Subsetter(options)
    wanted = CHARACTERS.read_text(encoding="utf-8").strip()
    cutter.populate(unicodes={*SIGNS, *map(ord, wanted)})
    cutter.subset(font)
    font.flavor = "woff"
    return font


def licence(font: TTFont) -> str:
    """Return the notices that the font itself carries and the licence that Debian ships with it."""
    text = COPYRIGHT.read_text(encoding="utf-8")
    block = text.rsplit("\nLicense: SIL-1.1\n", 1)[-1].split("\nLicense: ", 1)[0]
    lines = ["" if line.strip() == "." else line.removeprefix(" ") for line in block.splitlines()]
    notices = [font["name"].getDebugName(number) for number in (0, 7, 13)]
    return "\n\n".join(notices) + "\n\n" + "\n".join(lines).strip() + "\n"


def main() -> int:
    """Write the font and its licence and lock them; return the exit code."""
    package: dict[str, Any] = {
        "name": NAME,
        "version": VERSION,
        "licence": "OFL-1.1",
        "licence_file": "OFL.txt",
        "for": "papers",
        "why": WHY,
    }
    folder = vendor.folder_of(package)
    folder.mkdir(parents=True, exist_ok=True)
    font = subset(COLLECTION)
    (folder / "OFL.txt").write_text(licence(font), encoding="utf-8")
    font.save(folder / KEPT)
    package["files"] = [
        {"file": source.name, "kept": kept, "sha384": vendor.sha384((folder / kept).read_bytes())}
        for source, kept in ((COLLECTION, KEPT), (COPYRIGHT, "OFL.txt"))
    ]
    vendor.lock([*(row for row in vendor.packages() if row["name"] != NAME), package])
    return 0


if __name__ == "__main__":
    sys.exit(main())
