"""Refusals around people, organisations, their papers, and signing in."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "already-member": N_("This person already has this role in this organisation."),
    "bad-adcode": N_("An area code has six digits, such as 520181."),
    "bad-division": N_("A scale division is more than 0 and at most 1,000 kg."),
    "bad-hours": N_("The closing time must be after the opening time, on the same day."),
    "bad-login": N_(
        "A login has 3 to 32 characters: small letters, digits, dot, hyphen or underscore. "
        "A telephone number will do."
    ),
    "bad-name": N_("Give 1 to %(most)s characters that can be seen."),
    "bad-number": N_("Give the number as it stands on the paper, 1 to 60 characters."),
    "bad-phone": N_("A telephone number has 5 to 20 digits, with an optional plus before them."),
    "bad-threshold": N_("Give an amount of 0 or more, or leave it empty."),
    "filing-ended": N_("This paper was withdrawn before."),
    "filing-out-of-date": N_("The last day of validity has passed. Hand in a paper in force."),
    "foreign-origin": N_("This was sent from a page of another address. Nothing was changed."),
    "known-already": N_("The register already has %(name)s for this metal and area."),
    "last-operator": N_("The last operator cannot leave. Give the role to another person first."),
    "login-taken": N_("Somebody signs in with %(login)s already. Choose another login."),
    "membership-ended": N_("This membership has ended before."),
    "no-such-filing": N_("There is no such paper, or you may not see it."),
    "no-such-known-site": N_("The register of known sites has no such entry."),
    "no-such-membership": N_("There is no such membership, or you may not see it."),
    "no-such-organisation": N_("There is no such organisation, or you may not see it."),
    "no-such-person": N_("There is no such person, or you may not see them."),
    "no-such-session": N_("There is no such sign-in of yours."),
    "no-such-site": N_("There is no such site, or you may not see it."),
    "no-such-token": N_("There is no such access token of yours."),
    "not-authorised": N_(
        "Productive scrap is bought only with an authorisation in force. Hand it in on the page "
        "of your organisation and have it verified."
    ),
    "off-the-map": N_("Give latitude and longitude in degrees, both or neither."),
    "role-not-for-person": N_("A natural person trades as collector only."),
    "site-closed": N_("This site was closed before."),
    "stale-form": N_(
        "This form is too old or was not made for this browser. Load the page again, then send."
    ),
    "too-many-tokens": N_("You have %(most)s access tokens in force. End one that you do not use."),
    "too-many-tries": N_("Tried too often. Try again in %(minutes)s min."),
    "unknown-choice": N_("Choose one of: %(among)s."),
    "weak-password": N_(
        "A password has %(least)s to %(most)s characters, at least four different ones, and is "
        "not the login."
    ),
    "wrong-factor": N_("This code is wrong or was used before. Wait for the next one."),
    "wrong-sign-in": N_("The login or the password is wrong."),
    "threshold-by-operator": N_(
        "Only the operator changes above which amount a second person confirms, and a new "
        "site is at least as strict as your others. Ask the operator."
    ),
}
