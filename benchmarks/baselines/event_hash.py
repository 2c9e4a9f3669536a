"""The peer of the event hash: PyPI's reference implementation, asked as its README says."""

import logging

from epcis_event_hash_generator import hash_generator, json_to_py


def hashes(text: bytes) -> list[str]:
    """Return the event hashes of a document's text. Whatever it cannot hash raises."""
    logging.disable(logging.CRITICAL)
    json_to_py._namespaces.clear()  # noqa: SLF001 - it keeps prefixes from document to document
    events = json_to_py.event_list_from_epcis_document_str(text)
    found: list[str] = hash_generator.epcis_hashes_from_events(events)
    if len(found) != len(events[2]):
        raise ValueError("the reference dropped an event")
    return found
