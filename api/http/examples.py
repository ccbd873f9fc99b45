"""Makes an example of a body out of those of its fields: of what is required, and of whatever has one."""

from typing import Any

_OF_FORMATS = {
    "uuid": "01980000-0000-7000-8000-000000000001",
    "date-time": "2026-12-01T08:00:00Z",
    "date": "2026-12-01",
    "email": "nadia@meridian.example",
    "binary": "...",
}
_OF_TYPES: dict[str, Any] = {"boolean": False, "string": "...", "object": {}, "array": [], "null": None}


def example_of(schema: dict[str, Any], schemas: dict[str, dict[str, Any]]) -> Any:
    """A value of the schema; `schemas` are those that it may refer to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for known in ("examples", "enum"):
        if known in schema:
            return schema[known][0]
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    for other in ("anyOf", "oneOf", "allOf"):
        if other in schema:
            return example_of(schema[other][0], schemas)
    match schema.get("type"):
        case "object" if "properties" in schema:
            required = schema.get("required", ())
            shown = {name: of for name, of in schema["properties"].items() if name in required or "examples" in of}
            return {name: example_of(of, schemas) for name, of in shown.items()}
        case "array" if schema.get("minItems"):
            return [example_of(schema["items"], schemas)]
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1, 1)
        case kind:
            return _OF_FORMATS.get(schema.get("format", ""), _OF_TYPES.get(str(kind)))
