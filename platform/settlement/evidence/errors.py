"""What is refused about evidence."""

from remelt.platform.kernel.errors import Invalid, NotFound


class NoSuchPurchase(NotFound):
    """No purchase with this code of this organisation."""

    code = "no-such-purchase"


class PaperEmpty(Invalid):
    """A paper is a photo, a number or both."""

    code = "paper-empty"
