"""The JSON schema of what is on the wire and in saved notebooks; js/src/protocol.gen.ts is generated from it (`make protocol`)."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from .commands import Command
from .frames import KernelMessage
from .saved import SavedChat
from .timeline import Lane

__all__ = ["wire_schema"]


def wire_schema() -> dict[str, Any]:
    """A schema with one definition for each struct. Fields are always sent, those that may be unset apart."""
    (commands, kernel, lane, saved), components = msgspec.json.schema_components(
        [Command, KernelMessage, Lane, SavedChat], ref_template="#/definitions/{name}"
    )
    unset = {
        (info.cls.__name__, field.encode_name)
        for info in _structs()
        for field in info.fields
        if not field.required and field.default is field.default_factory is msgspec.NODEFAULT
    }
    for name, definition in components.items():
        definition.pop("description", None)
        if "properties" in definition:
            definition["required"] = [p for p in definition["properties"] if (name, p) not in unset]
            for schema in definition["properties"].values():
                schema.pop("default", None)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Wire",
        "type": "object",
        "additionalProperties": False,
        "required": ["command", "kernel_message", "lane", "saved"],
        "properties": {
            "command": {"title": "Command", **commands},
            "kernel_message": {"title": "KernelMessage", **kernel},
            "lane": lane,
            "saved": saved,
        },
        "definitions": components,
    }


def _structs() -> list[msgspec.inspect.StructType]:
    found: list[msgspec.inspect.StructType] = []

    def walk(node: Any) -> None:
        if isinstance(node, msgspec.inspect.StructType):
            if any(each.cls is node.cls for each in found):  # they are equal too, but may be within themselves
                return
            found.append(node)
            for field in node.fields:
                walk(field.type)
        elif isinstance(node, msgspec.inspect.UnionType):
            for part in node.types:
                walk(part)
        elif isinstance(node, msgspec.inspect.ListType):
            walk(node.item_type)

    for kind in (Command, KernelMessage, Lane, SavedChat):
        walk(msgspec.inspect.type_info(kind))
    return found


if __name__ == "__main__":
    json.dump(wire_schema(), sys.stdout, indent=1)
