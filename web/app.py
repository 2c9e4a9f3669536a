"""`create_app(settings)`: builds everything, imports nothing at a distance."""

from pathlib import Path

from apiflask import APIFlask

from remelt.platform.kernel.clock import Clock, SystemClock
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.runner import JobRunner
from remelt.platform.kernel.settings import Settings
from remelt.platform.market.bids.engine import Engine
from remelt.platform.market.bids.entrance import entrance
from remelt.web import api, locale, observe, security, views
from remelt.web.context import Services
from remelt.web.errors import register_errors
from remelt.web.furnish import furnish
from remelt.web.home import session_key
from remelt.web.house import house_of
from remelt.web.wiring import job_kinds, new_store

UPLOAD_LIMIT = 24 * 2**20
FORM_LIMIT = 2 * 2**20


def create_app(settings: Settings, *, clock: Clock | None = None) -> APIFlask:
    """Return the whole product as one WSGI app.

    `clock` decides every deadline; the system's by default, a simulated one in tests and the demo.
    """
    app = APIFlask(
        "remelt.web.app",
        instance_path=str(Path(settings.home).absolute()),
        title="Remelt",
        version="1",
        spec_path="/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # web/views/assets.py sends them
    )
    _configure(app, settings)
    time = clock or SystemClock()
    store = new_store(settings.url, clock=time, home=settings.home, house=house_of(settings))
    files = FileStore(settings.home / "files")
    runner = JobRunner(
        store, clock=time, kinds=job_kinds(store=store, clock=time, files=files, settings=settings)
    )
    app.extensions["remelt"] = Services(
        settings=settings, store=store, clock=time, files=files, runner=runner,
        entrance=entrance(store, clock=time), engine=Engine(store, clock=time),
    )  # fmt: skip
    observe.observe(app)
    security.init_security(app, store, time, settings)
    locale.speak(app)
    register_errors(app)
    furnish(app, settings)
    for blueprint in (*views.BLUEPRINTS, *api.BLUEPRINTS):
        app.register_blueprint(blueprint)
    app.tags = sorted({str(each.tag) for each in api.BLUEPRINTS})  # some share a family's name
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=session_key(settings.home),
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=FORM_LIMIT,
        MAX_FORM_PARTS=500,
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
