"""Who asks, and whether the request is theirs: sign-in, access tokens, forged requests, headers."""

from typing import Any
from urllib.parse import urlsplit

from apiflask import APIFlask
from flask import request, session
from flask_security import Security
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.errors import Forbidden
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.platform.parties import queries, sessions, tokens
from remelt.platform.parties.actors import Actor
from remelt.web.attempts import Attempts
from remelt.web.auth import Desk, OnceTotp, People, bearer, desk, signed_in
from remelt.web.headers import set_headers
from remelt.web.home import secret
from remelt.web.passwords import OPTIONS

PROGRAMS = ("/api/", "/epcis/")  # addresses for programs: tokens work here, errors are JSON
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class StaleForm(Forbidden):
    """The form was not given out to this browser, or before the last sign-in or sign-out."""

    code = "stale-form"


class ForeignOrigin(Forbidden):
    """The request was sent by a page of another address."""

    code = "foreign-origin"


def init_security(app: APIFlask, store: Store, clock: Clock, settings: Settings) -> None:
    """Bind sign-in, access tokens, the guard against forged requests and headers to `app`."""
    _configure(app, settings)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    csrf = CSRFProtect(app)
    people = People(store, clock=clock)
    security = Security(app, people, register_blueprint=False, totp_cls=OnceTotp)
    security.login_manager.request_loader(_no_library_tokens)
    security.principal.identity_loaders.clear()  # its identities are unused
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # Flask-Security made it anew
    app.extensions["remelt.desk"] = Desk(
        store=store,
        clock=clock,
        bearers=tokens.bearers(store, clock=clock),
        attempts=Attempts(store, clock=clock),
        totp=security.totp_factory,
    )

    @app.before_request
    def guard() -> None:
        if request.method not in SAFE and request.endpoint is not None:
            signed_in()  # looked up before the view opens its write session
            _refuse_forged(csrf)

    set_headers(app, settings)


def current_actor() -> Actor | None:
    """Return who asks, by access token or by the chosen membership, as it stands now."""
    text = bearer()
    if text is not None:
        return _token_actor(text)
    user = signed_in()
    if user is None or user.membership_id is None:
        return None
    with desk().store.read() as db:
        return queries.actor(db, membership_id=user.membership_id)


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.update(
        PERMANENT_SESSION_LIFETIME=sessions.LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_NAME="__Host-remelt" if settings.secure_cookies else "remelt",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a token lasts as long as the session that it is tied to
        WTF_CSRF_HEADERS=["X-CSRF", "X-CSRFToken"],
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the scheme's name
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=OPTIONS,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_TOTP_SECRETS={"1": secret(settings.home, "totp.key")},
        SECURITY_TOTP_ISSUER="Remelt",
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )


def _no_library_tokens(_request: Any) -> None:
    """Flask-Security would read tokens from the query and the body; ours come in the header."""


def _token_actor(text: str) -> Actor | None:
    if not request.path.startswith(PROGRAMS):
        return None
    held = desk().bearers.ask(text)
    if held is None:
        return None
    if held.due:
        with desk().store.write() as db:
            tokens.mark_used(db, clock=desk().clock, token_code=held.token_code)
    return held.actor


def _refuse_forged(csrf: CSRFProtect) -> None:
    """Refuse what another address's page sends with this browser's cookie.

    An access token is sent by programs alone, and a visitor's API call lends no rights; a cookie
    at the API must come from our own pages; a form must hold the token that we put there.
    """
    if bearer() is not None:
        return
    api = request.path.startswith(PROGRAMS)
    if api and "_user_id" not in session:
        return
    if not _same_origin(or_unknown=not api):
        raise ForeignOrigin
    if not api:
        try:
            csrf.protect()
        except CSRFError as reason:
            raise StaleForm from reason


def _same_origin(*, or_unknown: bool) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.host
    return or_unknown
