"""What is printed outside a browser: the font of papers, and the sizes of tags."""

from pathlib import Path

FONT = Path(__file__).parent / "fonts" / "noto-sans-cjk-sc-2.004" / "regular.woff"
TAGS_MM = {"100x70": (100.0, 70.0), "70x50": (70.0, 50.0), "60x40": (60.0, 40.0)}
PRINTERS = {"203": 8, "300": 12, "600": 24}
