"""Headers that every answer carries."""

from flask import Flask, Response, request

from remelt.platform.kernel.settings import Settings
from remelt.web.auth import signed_in

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
}


def set_headers(app: Flask, settings: Settings) -> None:
    """Send `ALWAYS` with every answer; keep what a person sees out of shared caches."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.secure_cookies:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not request.path.startswith("/assets/") and signed_in() is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
