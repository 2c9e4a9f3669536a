"""Refusals of payment providers."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "account-opened": N_("You have asked for an account at Stripe already."),
    "bad-signature": N_("This notice is not signed by the provider, or is too old."),
    "captures-too-much": N_("Of this deposit %(left_minor)s is held."),
    "currency-mismatch": N_("The payment is in %(expected)s, this is in %(currency)s."),
    "event-not-dead": N_("This notice needs no retry: it was taken in, or still waits."),
    "hold-too-short": N_(
        "A card holds money for seven days, and this auction ends later. Lay the deposit down by"
        " bank transfer."
    ),
    "no-such-difference": N_("There is no unexplained difference like this. Say why it is there."),
    "no-such-provider-order": N_("There is no such payment to build on."),
    "no-such-provider-event": N_("There is no such notice of a provider."),
    "payment-under-way": N_(
        "A payment of %(amount_minor)s is under way: finish it first, or wait until it lapses."
    ),
    "payments-off": N_("No payment provider is set up here. Pay by bank transfer."),
    "pays-out-too-much": N_("Of what was collected %(left_minor)s is left to pay out."),
    "rail-cannot": N_("This way to pay cannot do that (%(reason)s). Choose another."),
    "refunds-too-much": N_("Of this payment %(left_minor)s is left."),
    "seller-paid-already": N_("The seller was paid already: take %(short_minor)s back first."),
    "subject-frozen": N_("A payment is disputed (%(dispute)s): this money stands still."),
    "seller-not-ready": N_(
        "The seller has no account at Stripe that can be paid yet. The seller finishes it under"
        " Pay-out account; until then pay by bank transfer."
    ),
    "too-large-for-rail": N_(
        "Stripe takes %(most_minor)s at most in one payment, and this is %(amount_minor)s. Pay a"
        " part of it, or all by bank transfer."
    ),
}
