"""Which places of an event each query parameter asks about: plain tables."""

from collections.abc import Mapping

from remelt.traceability.capture.match import QUANTITIES
from remelt.traceability.capture.schema import SCHEMA

SORTABLE = ("eventTime", "recordTime")
DIRECTIONS = ("ASC", "DESC")
NAME = r"[A-Za-z_][\w.-]*:[\w.-]+"
UOM = "[A-Z0-9]{2,4}"
MEASURES = "value|minValue|maxValue|meanValue|sDev|percValue"
PLACES: Mapping[str, tuple[str, ...]] = {
    "": (),
    "ILMD_": ("ilmd",),
    "ERROR_DECLARATION_": ("errorDeclaration",),
    "SENSORELEMENT_": ("sensorElementList",),
    "SENSORMETADATA_": ("sensorElementList", "sensorMetadata"),
    "SENSORREPORT_": ("sensorElementList", "sensorReport"),
    "readPoint_": ("readPoint",),
    "bizLocation_": ("bizLocation",),
}
_META = ("sensorElementList", "sensorMetadata")
REPORT = ("sensorElementList", "sensorReport")
EPC = {
    "MATCH_epc": (("epcList",), ("childEPCs",)),
    "MATCH_parentID": (("parentID",),),
    "MATCH_inputEPC": (("inputEPCList",),),
    "MATCH_outputEPC": (("outputEPCList",),),
    "MATCH_anyEPC": (
        ("epcList",),
        ("childEPCs",),
        ("inputEPCList",),
        ("outputEPCList",),
        ("parentID",),
    ),
    "MATCH_epcClass": (("quantityList", "epcClass"), ("childQuantityList", "epcClass")),
    "MATCH_inputEPCClass": (("inputQuantityList", "epcClass"),),
    "MATCH_outputEPCClass": (("outputQuantityList", "epcClass"),),
    "MATCH_anyEPCClass": tuple((name, "epcClass") for name in QUANTITIES),
}
ADDRESSES = {
    "EQ_readPoint": (("readPoint", "id"),),
    "EQ_bizLocation": (("bizLocation", "id"),),
    "EQ_transformationID": (("transformationID",),),
    "EQ_correctiveEventID": (("errorDeclaration", "correctiveEventIDs"),),
    "EQ_deviceID": ((*_META, "deviceID"), (*REPORT, "deviceID")),
    "EQ_dataProcessingMethod": (
        (*_META, "dataProcessingMethod"),
        (*REPORT, "dataProcessingMethod"),
    ),
    "EQ_microorganism": ((*REPORT, "microorganism"),),
    "EQ_chemicalSubstance": ((*REPORT, "chemicalSubstance"),),
    "EQ_bizRules": ((*_META, "bizRules"), (*REPORT, "bizRules")),
    "EQ_uriValue": ((*REPORT, "uriValue"),),
}
_TRACED = SCHEMA["$defs"]["traced"]["properties"]
_REPORTED = SCHEMA["$defs"]["sensor"]["properties"]["sensorReport"]["items"]["properties"]
_DECLARED = SCHEMA["$defs"]["declaration"]["properties"]
_DISPOSITIONS = SCHEMA["$defs"]["disposition"]["anyOf"][0]["enum"]
WORDS: Mapping[str, tuple[tuple[str, ...], list[str]]] = {
    "EQ_bizStep": (("bizStep",), _TRACED["bizStep"]["anyOf"][0]["enum"]),
    "EQ_disposition": (("disposition",), _DISPOSITIONS),
    "EQ_persistentDisposition_set": (("persistentDisposition", "set"), _DISPOSITIONS),
    "EQ_persistentDisposition_unset": (("persistentDisposition", "unset"), _DISPOSITIONS),
    "EQ_errorReason": (("errorDeclaration", "reason"), _DECLARED["reason"]["anyOf"][0]["enum"]),
    "EQ_type": ((*REPORT, "type"), _REPORTED["type"]["anyOf"][0]["enum"]),
}
TIMES = {
    "errorDeclaration_Time": (("errorDeclaration", "declarationTime"),),
    "time": ((*_META, "time"), (*REPORT, "time")),
    "startTime": ((*_META, "startTime"),),
    "endTime": ((*_META, "endTime"),),
}
TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "AssociationEvent",
    "TransformationEvent",
    "TransactionEvent",
)
AMOUNTS = tuple((name, "quantity") for name in QUANTITIES)
