"""Health, readiness and metrics; one log line a request, with its id."""

import secrets
import time

import structlog
from apiflask import APIFlask
from flask import Blueprint, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from sqlalchemy import text
from sqlmodel import col, func, select

from remelt.migrations.upgrade import current, newest
from remelt.platform.kernel.jobs import Job
from remelt.web.context import store

bp = Blueprint("observe", __name__)
log = structlog.get_logger()


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def readyz() -> tuple[dict[str, str], int]:
    """Say whether the database answers at the newest revision, and how many jobs wait."""
    with store().read() as session:
        session.connection().execute(text("SELECT 1"))
        waiting = session.exec(select(func.count(col(Job.id))).where(Job.state == "waiting")).one()
    revision, head = current(store().engine), newest()
    ready = revision == head
    facts = {"revision": revision or "none", "newest": head or "none", "jobs_waiting": str(waiting)}
    return {"ready": "yes" if ready else "no", **facts}, 200 if ready else 503


def observe(app: APIFlask) -> None:
    """Measure and log every request of `app` and serve the figures at `/metrics`."""
    registry = CollectorRegistry()
    seen = Counter("remelt_requests_total", "Requests", ["endpoint", "status"], registry=registry)
    took = Histogram("remelt_request_seconds", "Time per request", ["endpoint"], registry=registry)

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        spent = time.perf_counter() - g.get("began", time.perf_counter())
        seen.labels(endpoint, str(response.status_code)).inc()
        took.labels(endpoint).observe(spent)
        response.headers["X-Request-Id"] = g.get("request_id", "-")
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round(spent * 1000, 1),
        )
        return response

    @app.get("/metrics")
    @app.doc(hide=True)
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(bp)
