"""The order in which CBV 2.0 says an event's fields before they are hashed, and each one's way."""

from remelt.traceability.epcis.values import CBV, PLAIN, TIME, Way, plain, words

VOC = "https://gs1.org/voc/"
COMMENTS = frozenset({"rdfs:comment", "comment"})
_KEPT = 64  # plans of an order, each of at most 1,000 characters of names
_KEPT_NAMES = 1_000
Plan = tuple[list[tuple[int, str, Way]], list[str]]


class Order(Way):
    """An object's fields in the standard's order, each with its way; a text there is plain."""

    def __init__(self, ways: dict[str, Way]) -> None:
        super().__init__(plain)
        self.ways = ways
        self.plans = _Plans(ways)


class _Plans(dict[tuple[str, ...], Plan]):
    """The names an object has -> those of the standard, ranked, and its extensions."""

    def __init__(self, ways: dict[str, Way]) -> None:
        super().__init__()
        self._ranked = {name: (rank, name, way) for rank, (name, way) in enumerate(ways.items())}

    def __missing__(self, names: tuple[str, ...]) -> Plan:
        ranked = self._ranked
        known = sorted([ranked[name] for name in names if name in ranked])
        own = [name for name in names if name not in ranked and name not in COMMENTS]
        if len(self) < _KEPT and len("".join(names)) <= _KEPT_NAMES:
            self[names] = known, own
        return known, own


_GS1 = words(VOC)
_SENSOR_DATA = Order(
    {
        "time": TIME,
        "startTime": TIME,
        "endTime": TIME,
        "deviceID": PLAIN,
        "deviceMetadata": PLAIN,
        "rawData": PLAIN,
        "dataProcessingMethod": PLAIN,
        "bizRules": PLAIN,
    }
)
_SENSOR_REPORT = Order(
    {
        "type": _GS1,
        "exception": _GS1,
        "deviceID": PLAIN,
        "deviceMetadata": PLAIN,
        "rawData": PLAIN,
        "dataProcessingMethod": PLAIN,
        "time": TIME,
        "microorganism": PLAIN,
        "chemicalSubstance": PLAIN,
        "value": PLAIN,
        "component": words(CBV + "Comp-"),
        "stringValue": PLAIN,
        "booleanValue": PLAIN,
        "hexBinaryValue": PLAIN,
        "uriValue": PLAIN,
        "minValue": PLAIN,
        "maxValue": PLAIN,
        "meanValue": PLAIN,
        "sDev": PLAIN,
        "percRank": PLAIN,
        "percValue": PLAIN,
        "uom": PLAIN,
        "coordinateReferenceSystem": PLAIN,
    }
)
_QUANTITY = Order({"epcClass": PLAIN, "quantity": PLAIN, "uom": PLAIN})
_PLACE = Order({"id": PLAIN})
_DISPOSITION = words(CBV + "Disp-")
_SENSOR = Order({"sensorMetadata": _SENSOR_DATA, "sensorReport": _SENSOR_REPORT})

EVENT = Order(
    {
        "eventTime": TIME,
        "eventTimeZoneOffset": PLAIN,
        "certificationInfo": PLAIN,
        "parentID": PLAIN,
        "epcList": PLAIN,
        "inputEPCList": PLAIN,
        "childEPCs": PLAIN,
        "quantityList": _QUANTITY,
        "childQuantityList": _QUANTITY,
        "inputQuantityList": _QUANTITY,
        "outputEPCList": PLAIN,
        "outputQuantityList": _QUANTITY,
        "action": PLAIN,
        "transformationID": PLAIN,
        "bizStep": words(CBV + "BizStep-"),
        "disposition": _DISPOSITION,
        "persistentDisposition": Order({"set": _DISPOSITION, "unset": _DISPOSITION}),
        "readPoint": _PLACE,
        "bizLocation": _PLACE,
        "sensorElementList": _SENSOR,
    }
)
MEMBERS = {  # the name of each entry of a list, where it is not the list's own
    "epcList": "epc",
    "inputEPCList": "epc",
    "outputEPCList": "epc",
    "childEPCs": "epc",
    "quantityList": "quantityElement",
    "childQuantityList": "quantityElement",
    "inputQuantityList": "quantityElement",
    "outputQuantityList": "quantityElement",
    "sensorElementList": "sensorElement",
}
PAIRS = {  # said with the extensions, the type first
    "bizTransactionList": ("bizTransaction", words(CBV + "BTT-")),
    "sourceList": ("source", words(CBV + "SDT-")),
    "destinationList": ("destination", words(CBV + "SDT-")),
}
UNHASHED = frozenset({"type", "eventID", "recordTime", "errorDeclaration", "@context"})
