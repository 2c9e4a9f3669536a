"""The resolver of tags: GS1 Digital Link addresses and our own lead to what there is of a lot.

An address that only names a lot is answered with 307; a `linkType` picks among its links, and
`linkset` lists them (RFC 9264). Every target is made here from the lot's code and the address
that the installation was given: nothing of the request is ever led to.
"""

from typing import Any

import orjson
from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from remelt.platform.kernel.codes import BadCode, read_code
from remelt.traceability import queries as ledger
from remelt.traceability.errors import NoSuchLot
from remelt.traceability.labels.digital_link import (
    DEFAULT,
    LOT,
    MEDIA_TYPE,
    VOCABULARY,
    WHOLE_SET,
    BadDigitalLink,
    Link,
    NoSuchLink,
    linkset,
    read_link,
    relation_of,
)
from remelt.traceability.labels.loads import lot_of_load
from remelt.traceability.proofs.certificates import in_force
from remelt.web.context import settings, store
from remelt.web.errors import answer

bp = Blueprint("resolver", __name__)
HTML, JSON, SIGNED = "text/html", "application/json", "application/vc"
BOTH = ("zh", "en")


@bp.get("/01/<path:class_and_lot>")
def goods(class_and_lot: str) -> ResponseReturnValue:
    """Resolve a class of goods and its lot: `/01/{gtin}/10/{lot}`."""
    return _resolved("01", class_and_lot)


@bp.get("/00/<path:sscc>")
def load(sscc: str) -> ResponseReturnValue:
    """Resolve a load: `/00/{sscc}`."""
    return _resolved("00", sscc)


@bp.get("/L/<code>")
def tag(code: str) -> ResponseReturnValue:
    """Resolve the address on a tag, which stands in capitals to make its code small."""
    try:
        return led(read_code(code))
    except BadCode:
        return redirect(url_for("passport.find", code=code), code=307)


@bp.get("/.well-known/gs1resolver")
def described() -> ResponseReturnValue:
    """Describe this resolver, as GS1's standard asks of one."""
    body = {
        "name": "Remelt",
        "resolverRoot": settings().base_url,
        "supportedPrimaryKeys": ["00", "01"] if settings().gtin else ["00"],
        "linkTypeDefaultCanBeLinkset": False,
        "supportedLinkType": [
            {"namespace": VOCABULARY, "prefix": "gs1:"},
        ],
    }
    return _open(Response(orjson.dumps(body), mimetype=JSON))


def wants_more() -> bool:
    """Tell whether the request asks for another link than the page of the lot."""
    return "linkType" in request.args or _wants_set()


def led(code: str) -> ResponseReturnValue:
    """Lead to the link of a lot that was asked for. Raises `NoSuchLot` and `NoSuchLink`."""
    with store().read() as session:
        certified = in_force(session, lot_id=ledger.lot(session, code=code).key) is not None
    links = _links(code, certified=certified)
    asked = relation_of(request.args.get("linkType", DEFAULT)[:200])
    if asked in WHOLE_SET or ("linkType" not in request.args and _wants_set()):
        body = orjson.dumps(linkset(_anchor(code), links, root=settings().base_url))
        return _open(Response(body, mimetype=MEDIA_TYPE), links=links, code=code)
    found = links[0] if asked == DEFAULT else next((x for x in links if x.relation == asked), None)
    if found is None:
        there = ", ".join(f"gs1:{link.relation}" for link in links)
        facts: dict[str, Any] = {"asked": asked[:60], "there": there}
        return _open(answer(404, NoSuchLink.code, facts), links=links, code=code)
    return _open(Response(status=307, headers={"Location": found.path}), links=links, code=code)


def _resolved(key: str, rest: str) -> ResponseReturnValue:
    try:
        link = read_link([key, *rest.rstrip("/").split("/")])
    except BadDigitalLink as refused:
        return _open(answer(400, refused.code, refused.facts))
    if link.key == "00":
        with store().read() as session:
            return led(lot_of_load(session, sscc=link.value))
    (ai, value), *others = link.qualifiers or (("", ""),)
    if link.value != settings().gtin or ai != LOT or others:
        raise NoSuchLot(lot_code=value)
    try:
        return led(read_code(value))
    except BadCode:
        raise NoSuchLot(lot_code=value) from None


def _links(code: str, *, certified: bool) -> list[Link]:
    """Return what there is of a lot, the page that a person wants first."""
    page = url_for("passport.show", code=code)
    facts = url_for("api_passports.read_passport", code=code)
    links = [
        Link(relation="pip", path=page, title=_("Passport of a lot"), media=HTML, languages=BOTH),
        Link(
            relation="sustainabilityInfo",
            path=f"{page}#footprint",
            title=_("Carbon footprint"),
            media=HTML,
            languages=BOTH,
        ),
        Link(relation="traceability", path=facts, title=_("Chain of custody"), media=JSON),
    ]
    if certified:
        file = url_for("certificates.of_lot", code=code)
        links.append(
            Link(relation="certificationInfo", path=file, title=_("Signed passport"), media=SIGNED)
        )
    return links


def _anchor(code: str) -> str:
    gtin = settings().gtin
    return settings().base_url + (f"/01/{gtin}/{LOT}/{code}" if gtin else f"/l/{code}")


def _wants_set() -> bool:
    best = request.accept_mimetypes.best_match([HTML, JSON, MEDIA_TYPE], HTML)
    return best == MEDIA_TYPE


def _open(answered: Response, *, links: list[Link] = [], code: str = "") -> Response:  # noqa: B006 - read only
    """Let scripts of other sites read it, and say where the other links are."""
    answered.headers["Access-Control-Allow-Origin"] = "*"
    answered.headers["Access-Control-Expose-Headers"] = "Link, Location"
    answered.headers["Vary"] = "Accept, Accept-Language, Cookie"
    if code:
        said = [f'<{x.path}>; rel="{VOCABULARY}{x.relation}"; type="{x.media}"' for x in links]
        said.append(f'<{_anchor(code)}?linkType=linkset>; rel="linkset"; type="{MEDIA_TYPE}"')
        answered.headers["Link"] = ", ".join(said)
    return answered
