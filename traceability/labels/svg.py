"""A tag as SVG in millimetres: what browsers print (pure)."""

from html import escape

from remelt.traceability.labels.labels import Label, code_svg, printed_code
from remelt.traceability.labels.layout import Words, layout


def label_svg(label: Label) -> str:
    """Return the label as one SVG picture in its true size."""
    plan = layout(label)
    codes = "".join(
        code_svg(label.url, x=code.x, y=code.y, scale=code.module, level=code.level)
        for code in plan.codes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="label" role="img"'
        f' viewBox="0 0 {label.width_mm:g} {label.height_mm:g}" width="{label.width_mm:g}mm"'
        f' height="{label.height_mm:g}mm" aria-label="{escape(printed_code(label.code))}">'
        f'<rect width="{label.width_mm:g}" height="{label.height_mm:g}" fill="#fff"/>'
        f"{codes}{''.join(map(_text, plan.words))}</svg>"
    )


def _text(words: Words) -> str:
    family = "ui-monospace, monospace" if words.width else "sans-serif"
    more = ' text-anchor="middle" font-weight="bold"' if words.middle else ""
    if words.width:
        more += f' textLength="{words.width:.4g}" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<text x="{words.x:.4g}" y="{words.y:.4g}" font-size="{words.size:.3g}"'
        f' font-family="{family}" fill="#000"{more}>{escape(words.text)}</text>'
    )
