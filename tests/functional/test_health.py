"""The product says how it is."""

from collections import Counter

from flask.testing import FlaskClient
from openapi_spec_validator import validate
from pydantic import BaseModel

from remelt.web.inputs import ApiIn, ApiOut, ApiQuery


def test_health_and_readiness(client: FlaskClient):
    assert client.get("/healthz").data == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.get_json()["revision"] == ready.get_json()["newest"]


def test_metrics_count_requests(client: FlaskClient):
    client.get("/healthz")
    text = client.get("/metrics").text
    assert 'remelt_requests_total{endpoint="observe.healthz",status="200"} 1.0' in text


def test_openapi_is_valid(client: FlaskClient):
    spec = client.get("/openapi.json").get_json()
    assert spec["openapi"].startswith("3.1")
    validate(spec)


def test_no_two_shapes_of_the_api_share_a_name(client: FlaskClient):
    shapes = [shape for base in (ApiIn, ApiOut, ApiQuery) for shape in _below(base)]
    names = Counter(shape.__name__ for shape in shapes)
    assert [name for name, count in names.items() if count > 1] == []
    told = client.get("/openapi.json").get_json()["components"]["schemas"]
    assert {"BankMatchOut", "LadleMatchOut"} <= told.keys() & names.keys()
    assert [name for name in told if name[-1].isdigit()] == []


def _below(base: type[BaseModel]) -> set[type[BaseModel]]:
    """Return every shape that is read or answered as `base` is, at any depth."""
    return {shape for each in base.__subclasses__() for shape in {each} | _below(each)}


def test_an_unknown_address_is_told_in_both_forms(client: FlaskClient):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    problem = client.get("/api/v1/nowhere")
    assert problem.status_code == 404
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["code"] == "no-such-page"
