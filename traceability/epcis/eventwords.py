"""The order in which CBV 2.0 says an event's fields before they are hashed, and each one's way."""

from dataclasses import dataclass

CBV = "https://ref.gs1.org/cbv/"
VOC = "https://gs1.org/voc/"

# how the value of a field is said; a text is the beginning of the address of a bare word
Way = object
TIME, PLAIN = object(), object()


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Fields in the standard's order, each with its way."""

    ways: dict[str, Way]


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
        "type": VOC,
        "exception": VOC,
        "deviceID": PLAIN,
        "deviceMetadata": PLAIN,
        "rawData": PLAIN,
        "dataProcessingMethod": PLAIN,
        "time": TIME,
        "microorganism": PLAIN,
        "chemicalSubstance": PLAIN,
        "value": PLAIN,
        "component": CBV + "Comp-",
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
_DISPOSITION = CBV + "Disp-"
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
        "bizStep": CBV + "BizStep-",
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
    "bizTransactionList": ("bizTransaction", CBV + "BTT-"),
    "sourceList": ("source", CBV + "SDT-"),
    "destinationList": ("destination", CBV + "SDT-"),
}
UNHASHED = frozenset({"type", "eventID", "recordTime", "errorDeclaration", "@context"})
COMMENTS = frozenset({"rdfs:comment", "comment"})
