"""The sentence of every rule that a field can break: what is wrong and what to do."""

from remelt.web.messages.marks import N_

RULES = {
    "bool_parsing": N_("Say true or false."),
    "bool_type": N_("Say true or false."),
    "blank": N_("Fill this in."),
    "date": N_("Give a date as 2026-03-31."),
    "date_from_datetime_parsing": N_("Give a date as 2026-03-31."),
    "datetime_from_date_parsing": N_("Give a time as 2026-03-31T08:00:00Z."),
    "datetime_parsing": N_("Give a time as 2026-03-31T08:00:00Z."),
    "decimal": N_("Give a number such as 1250.5, digits only; at most %(places)s decimals."),
    "degrees": N_("Give degrees such as 26.559480, with at most six decimals."),
    "enum": N_("Choose one of the listed values."),
    "extra_forbidden": N_("This field is not known here. Leave it out."),
    "greater_than": N_("Give more than %(gt)s."),
    "greater_than_equal": N_("Give at least %(ge)s."),
    "int_parsing": N_("Give a whole number, digits only."),
    "int_parsing_size": N_("This number is too large."),
    "int_type": N_("Give a whole number, digits only."),
    "json_invalid": N_("The body is not valid JSON in UTF-8."),
    "less_than": N_("Give less than %(lt)s."),
    "less_than_equal": N_("Give at most %(le)s."),
    "list_type": N_("Give a list."),
    "literal_error": N_("Choose one of: %(expected)s."),
    "missing": N_("Fill this in."),
    "model_type": N_("Give an object with named fields."),
    "nul": N_("This text holds a character that cannot be stored. Type it again."),
    "string_pattern_mismatch": N_("This does not have the right form."),
    "string_too_long": N_("Use at most %(max_length)s characters."),
    "string_too_short": N_("Use at least %(min_length)s characters."),
    "bad_code": N_(
        "This tag code has a typing mistake: check it against the label and type it again."
    ),
    "string_type": N_("Give a text."),
    "time_of_day": N_("Give a time of day such as 08:30."),
    "too_large": N_("This is more than %(limit)s. Check the unit."),
    "too_long": N_("Give at most %(max_length)s entries."),
    "too_short": N_("Give at least %(min_length)s entries."),
    "whole": N_("Give a whole number, digits only."),
    "other": N_("This value does not fit here."),
}
