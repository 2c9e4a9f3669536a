"""Refusals of the kernel and of the web itself."""

from remelt.web.messages.marks import N_

MESSAGES = {
    "bad-code": N_(
        "This tag code has a typing mistake: check it against the label and type it again."
    ),
    "busy": N_("Too many people are writing at this moment. Nothing was changed: send it again."),
    "conflict": N_("This was changed by someone else in the meantime. Load the page again."),
    "file-too-big": N_("The upload is larger than %(limit_mb)s MB. Send a smaller file."),
    "forbidden": N_("You may not do this."),
    "invalid": N_("Something in this form breaks a rule."),
    "invalid-input": N_("Some fields need to be corrected. Nothing was saved."),
    "key-reused": N_(
        "This form was sent before with other content. Load the page again, then send."
    ),
    "lease-lost": N_("Another worker has taken this job."),
    "method-not-allowed": N_("This address does not take that kind of request."),
    "no-such-file": N_("There is no such file."),
    "no-such-job": N_("There is no such job."),
    "no-such-page": N_("There is nothing at this address. Check it, or start from the home page."),
    "not-allowed": N_("Your role here does not include this. Ask your organisation for the right."),
    "not-found": N_("There is no such thing, or you may not see it."),
    "refused": N_("This was refused."),
    "sign-in-needed": N_("Sign in first."),
    "tag-address-fixed": N_(
        "Tags with the address %(fixed)s are out, so %(asked)s cannot take its place. "
        "Start with the installed address."
    ),
    "unexpected": N_("An error of ours. Nothing was saved; it is written down as %(request_id)s."),
    "unreadable-body": N_("The body is not valid JSON in UTF-8."),
}
