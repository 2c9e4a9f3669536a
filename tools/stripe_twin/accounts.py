"""Connected accounts: made, furnished through a link, with what they may do."""

from typing import Any, Final

from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.world import PLATFORM, Books, Object, World, page

# where separate charges and transfers are offered; neither mainland China nor Hong Kong
REGIONS: Final = frozenset(
    ("AU", "BR", "CA", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "JP", "MX", "MY", "NL", "NO", "NZ")
) | {"SG", "US"}
LINK_S: Final = 300


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Make a connected account; what it may do is active once its details are in."""
    if books.account != PLATFORM:
        raise invalid("Only the platform makes accounts")
    country = params.get("country", "SG")
    if country not in REGIONS:
        raise invalid(f"{country} is not supported for connected accounts", param="country")
    asked = [
        name for name, value in params.get("capabilities", {}).items() if value.get("requested")
    ]
    made = world.make(
        books,
        "account",
        {
            "business_type": params.get("business_type"),
            "capabilities": dict.fromkeys(asked, "inactive"),
            "charges_enabled": False,
            "country": country,
            "default_currency": params.get("default_currency", "cny"),
            "details_submitted": False,
            "email": params.get("email"),
            "metadata": params.get("metadata") or {},
            "payouts_enabled": False,
            "type": params.get("type", "standard"),
        },
    )
    world.accounts[made["id"]] = Books(made["id"])
    return made


def furnish(world: World, books: Books, account: Object) -> None:
    """Let the account's owner finish its form: all it asked for becomes active."""
    account.update(details_submitted=True, charges_enabled=True, payouts_enabled=True)
    account["capabilities"] = dict.fromkeys(account["capabilities"], "active")
    world.tell(books, "account.updated", account)


def restrict(world: World, books: Books, account: Object) -> None:
    """Ask more of the account's owner: until the form is filled in again it may do nothing."""
    account["capabilities"] = dict.fromkeys(account["capabilities"], "inactive")
    world.tell(books, "account.updated", account)


def link(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Return the address at which the account's owner gives its details."""
    account = world.get(books, "account", params["account"])
    world.known(account["id"]).outcome = params.get("return_url", "")
    return {
        "object": "account_link",
        "created": world.now(),
        "expires_at": world.now() + LINK_S,
        "url": f"{world.address}/connect/setup/{account['id']}",
    }


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return a connected account."""
    return world.get(books, "account", code)


def accounts(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List connected accounts."""
    return page(world, books, "account", params, url="/v1/accounts")


CALLS: Final = {
    "GET /v1/accounts": accounts,
    "POST /v1/accounts": create,
    "GET /v1/accounts/{account}": retrieve,
    "POST /v1/account_links": link,
}
