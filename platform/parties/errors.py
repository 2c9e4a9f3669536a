"""What the parties' room refuses."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchOrganisation(NotFound):
    """No organisation with this code, or none that this person may see."""

    code = "no-such-organisation"


class NoSuchSite(NotFound):
    """No site with this code, or none that this person may see."""

    code = "no-such-site"


class NoSuchPerson(NotFound):
    """No person with this code, or none that this person may see."""

    code = "no-such-person"


class NoSuchMembership(NotFound):
    """No membership with this code, or none that this person may see."""

    code = "no-such-membership"


class NoSuchFiling(NotFound):
    """No filing with this code, or none that this person may see."""

    code = "no-such-filing"


class NoSuchSession(NotFound):
    """No sign-in session of this person with this code."""

    code = "no-such-session"


class NoSuchToken(NotFound):
    """No access token of this person with this code."""

    code = "no-such-token"


class BadName(Invalid):
    """A name is empty, longer than allowed, or holds control characters."""

    code = "bad-name"


class BadLogin(Invalid):
    """A login is 3 to 32 characters: letters a-z, digits, dot, hyphen, underscore."""

    code = "bad-login"


class BadPhone(Invalid):
    """A telephone number is 5 to 20 digits, with an optional leading plus."""

    code = "bad-phone"


class LoginTaken(Conflict):
    """Another person signs in with this login."""

    code = "login-taken"


class BadAdcode(Invalid):
    """An area code is six digits."""

    code = "bad-adcode"


class OffTheMap(Invalid):
    """Coordinates are degrees: latitude -90 to 90, longitude -180 to 180, both or neither."""

    code = "off-the-map"


class BadHours(Invalid):
    """A site opens before it closes, within one Beijing day."""

    code = "bad-hours"


class BadDivision(Invalid):
    """A scale division is a mass above zero and at most 1 t."""

    code = "bad-division"


class ThresholdByOperator(Conflict):
    """Who pays does not change above which amount a second person confirms: the operator does."""

    code = "threshold-by-operator"


class BadThreshold(Invalid):
    """A threshold for the second person is an amount of zero or more."""

    code = "bad-threshold"


class UnknownChoice(Invalid):
    """The value is none of those that this field takes."""

    code = "unknown-choice"


class RoleNotForNaturalPerson(Invalid):
    """A natural person trades as collector only."""

    code = "role-not-for-person"


class AlreadyMember(Conflict):
    """The person already has this role in this organisation."""

    code = "already-member"


class MembershipEnded(Conflict):
    """The membership has ended before."""

    code = "membership-ended"


class LastOperator(Conflict):
    """The last operator cannot leave: nobody could let another in."""

    code = "last-operator"


class SiteClosed(Conflict):
    """The site has been closed before."""

    code = "site-closed"


class FilingEnded(Conflict):
    """The filing has ended before."""

    code = "filing-ended"


class FilingOutOfDate(Invalid):
    """The filing's last day of validity has passed."""

    code = "filing-out-of-date"


class BadNumber(Invalid):
    """A filing's number is 1 to 60 characters."""

    code = "bad-number"


class NotAuthorised(Forbidden):
    """Productive scrap is bought only by an organisation with that authorisation in force."""

    code = "not-authorised"


class NoSuchKnownSite(NotFound):
    """The register of known sites has none with this code."""

    code = "no-such-known-site"


class KnownAlready(Conflict):
    """The register of known sites has this site for this metal and area."""

    code = "known-already"


class TooManyTokens(Conflict):
    """A person keeps at most 20 access tokens in force."""

    code = "too-many-tokens"
