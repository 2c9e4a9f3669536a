"""A label's code as `qrcode` itself draws it: its stock SVG path, best of eight masks."""

import qrcode
from qrcode.constants import ERROR_CORRECT_H
from qrcode.image.svg import SvgPathImage


def label_code(url: str) -> str:
    """Return one code as an SVG document, as qrcode's own documentation shows it."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_H, image_factory=SvgPathImage)
    code.add_data(url)
    code.make(fit=True)
    return code.make_image().to_string(encoding="unicode")
