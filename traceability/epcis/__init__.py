"""The standard's words for events: EPCIS 2.0 and CBV 2.0, names and event hash."""
