"""The pages of the provider that a person is sent to: a payment, and an account's form."""

from html import escape
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlencode

from tools.stripe_twin import accounts, checkout, events, intents
from tools.stripe_twin.delivery import Post
from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.world import PLATFORM, Books, Object, World

Page = tuple[int, str, str]
PAY: Final = "/pay/"
SETUP: Final = "/connect/setup/"
PREFIXES: Final = (PAY, SETUP)


class Shown(Protocol):
    """Whose pages these are."""

    world: World
    post: Post


def page(twin: Shown, method: str, path: str, body: bytes) -> Page:
    """Answer a person's browser: status, HTML, and where it goes next ("" to stay)."""
    choice = parse_qs(body.decode(errors="replace")).get("does", [""])[0]
    code = path.rpartition("/")[2]
    try:
        with twin.world.lock:
            books = twin.world.books(PLATFORM)
            if path.startswith(SETUP):
                shown = _setup(twin.world, books, code, choice if method == "POST" else "")
            else:
                shown = _pay(twin.world, books, code, choice if method == "POST" else "")
            twin.post.put(events.announce(twin.world, request="req_page", key=None))
    except Refused as refused:
        return 404, _html("Not here", escape(str(refused))), ""
    return shown


def agree(world: World, books: Books, intent: Object, *, fails: bool = False) -> Object:
    """Let the buyer agree, or not, on the page that a payment waits on."""
    if intent["status"] != "requires_action":
        raise invalid("The buyer has nothing to do here")
    if fails:
        intent.update(status="requires_payment_method", next_action=None, payment_method=None)
        world.tell(books, "payment_intent.payment_failed", intent)
        return intent
    done = intents.authorise(world, books, intent)
    checkout.finish(world, books, done)
    return done


def _pay(world: World, books: Books, code: str, choice: str) -> Page:
    kind = "checkout.session" if code.startswith("cs_") else "payment_intent"
    found = world.get(books, kind, code)
    if not choice:
        amount = found["amount_total"] if kind == "checkout.session" else found["amount"]
        said = f"{amount / 100:,.2f} {found['currency'].upper()}"
        return 200, _html(f"Pay {said}", _choices("agree", "refuse")), ""
    if kind == "checkout.session":
        checkout.pay(world, books, found, choice=choice)
        if found["status"] == "open":
            said = "The card was refused. Try another."
            return 402, _html(said, _choices("agree", "refuse")), ""
        return 303, "", found["success_url"]
    back = (found["next_action"] or {}).get((found["next_action"] or {}).get("type"), {})
    agree(world, books, found, fails=choice == "refuse")
    told = {"payment_intent": code, "redirect_status": _redirect(found)}
    return 303, "", f"{back.get('return_url') or world.address}?{urlencode(told)}"


def _setup(world: World, books: Books, code: str, choice: str) -> Page:
    account = world.get(books, "account", code)
    if not choice:
        return 200, _html(f"Account {code}", _choices("furnish", "leave")), ""
    if choice == "furnish":
        accounts.furnish(world, books, account)
    return 303, "", world.known(code).outcome or world.address


def _redirect(intent: Object) -> str:
    return "succeeded" if intent["status"] == "succeeded" else "failed"


def _choices(*names: str) -> str:
    buttons = "".join(f'<button name="does" value="{name}">{name}</button> ' for name in names)
    return f'<form method="post">{buttons}</form>'


def _html(title: Any, body: str) -> str:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return f"{head}<h1>{escape(title)}</h1>{body}</html>"
