"""A state changed by hand: by the paths and JSON of a page, or from Python. The state that is given stays as it is."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec
from burr.core import State
from burr.core.typing import DictBasedTypingSystem

from burr_chat_widget.errors import InvalidInput
from burr_chat_widget.protocol.commands import Edit

from .conversion import key_of, like, told
from .entries import family_of, sorted_set
from .shapes import Wrong

__all__ = ["edited"]


def edited(state: State[Any], edits: Sequence[Edit] | Mapping[str, Any]) -> State[Any]:
    """The state with changes made by hand. What is not changed is shared with `state`; what is changed is copied first.

    Args:
        state: the state; Burr's own keys are kept and cannot be changed.
        edits: one after the other, as the page sends them: JSON, which becomes a value of the type that it takes the place of. Or,
            from Python, values by key, which are taken as they are. A typed state validates both, and says what they become.

    Raises:
        InvalidInput: if there is no such path, a value cannot stand there, or the state's type refuses it; `fields` says what is
            wrong, by the path with dots: `order.items.0`.
    """
    typed = not isinstance(state.typing_system, DictBasedTypingSystem)
    values = state.get_all()
    touched: set[str] = set()
    errors: dict[str, str] = {}
    if isinstance(edits, Mapping):
        for key, value in edits.items():
            _check_key(key, errors)
            values[key] = value
            touched.add(key)
    else:
        model = _model_of(state)
        for edit in edits:
            try:
                touched.add(_apply(values, edit, set(model.model_fields) if model is not None else set()))
            except Wrong as wrong:
                errors |= wrong.errors
    if errors:
        raise _refused(errors, "nothing was changed; what JSON cannot say can be given from Python, with state={...}")
    if typed:
        values = _validated(state, values, touched)
    return State(values, typing_system=state.typing_system)


def _refused(errors: Mapping[str, str], remedy: str) -> InvalidInput:
    listed = "; ".join(f"{path}: {why.rstrip('.')}" if path else why.rstrip(".") for path, why in errors.items())
    return InvalidInput(f"the state cannot be changed like this: {listed}", fields=errors, remedy=remedy)


def _check_key(key: object, errors: dict[str, str]) -> None:
    if not isinstance(key, str):
        errors["" if key is None else str(key)] = "A path begins with a key of the state, which is a text."
    elif key.startswith("__"):
        errors[key] = "This key is Burr's own."


def _apply(values: dict[str, Any], edit: Edit, validated: set[str]) -> str:
    """Make an edit in the state's values, and say under which key; what the state's type will read itself is put there as it is."""
    errors: dict[str, str] = {}
    key = _top_key(values, edit.path)
    _check_key(key, errors)
    if errors:
        raise Wrong(errors)
    if key not in values and (len(edit.path) > 1 or edit.remove):
        raise Wrong({_dotted(edit.path): "There is no such path."})
    if len(edit.path) > 1:
        values[key] = _changed(values[key], edit, 1)
    elif edit.remove:
        del values[key]
    else:
        new = copy.deepcopy(edit.value)
        values[key] = new if key in validated or key not in values else like(values[key], new, key)
    return key


def _top_key(values: Mapping[str, Any], path: Sequence[str | int]) -> Any:
    """The key of the state where a path begins: a row's key may be a short form of it."""
    first = path[0] if path else None
    return key_of(values, first, first) if isinstance(first, str) else first


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def _changed(value: Any, edit: Edit, depth: int) -> Any:
    """A copy of `value` in which what is below is another; the element of the path at `depth` names it."""
    name = edit.path[depth]
    here = _dotted(edit.path[: depth + 1])
    last = depth == len(edit.path) - 1
    no_such = Wrong({here: "There is no such path."})

    def below(existing: Any) -> Any:
        return like(existing, copy.deepcopy(edit.value), here) if last else _changed(existing, edit, depth + 1)

    family = family_of(value)
    if isinstance(value, dict):
        entries = copy.copy(cast("dict[Any, Any]", value))
        key = key_of(entries, name, here)
        if key not in entries and (not last or edit.remove):
            raise no_such
        if last and edit.remove:
            del entries[key]
        else:
            entries[key] = below(entries[key]) if key in entries else copy.deepcopy(edit.value)
        return entries
    if family in ("list", "set"):
        items = sorted_set(value) if family == "set" else list(value)
        if (
            not str(name).isdecimal()
            or int(name) > len(items)
            or (int(name) == len(items) and (not last or edit.remove))
        ):
            raise no_such
        place = int(name)
        if last and edit.remove:
            del items[place]
        else:
            items[place : place + 1] = [below(items[place] if place < len(items) else None)]
        kind: Any = cast(Any, type(value))
        try:
            return kind(items)
        except TypeError as error:
            raise Wrong({here: f"This cannot be in a {kind.__name__}: {error}."}) from None
    if family == "object" and isinstance(name, str) and hasattr(value, name):
        if last and edit.remove:
            raise Wrong({here: "A field of an object cannot be removed."})
        return _with_field(value, name, below, here, (copy.deepcopy(edit.value),) if last else ())
    raise no_such


def _with_field(value: Any, name: str, below: Callable[[Any], Any], path: str, given: tuple[Any, ...]) -> Any:
    """A copy of an object with another value of a field; a pydantic model takes what is `given` itself, if anything is."""
    try:
        if hasattr(value, "__pydantic_validator__"):
            return _with_model_field(value, name, given[0] if given else below(getattr(value, name)), path)
        new = below(getattr(value, name))
        if isinstance(value, tuple):
            return cast(Any, value)._replace(**{name: new})
        if dataclasses.is_dataclass(value) and any(f.init and f.name == name for f in dataclasses.fields(value)):
            return dataclasses.replace(cast(Any, value), **{name: new})
        clone: Any = copy.copy(cast(Any, value))
        if isinstance(clone, msgspec.Struct):
            msgspec.structs.force_setattr(clone, name, new)
        else:
            object.__setattr__(clone, name, new)
        return clone
    except Wrong:
        raise
    except Exception as error:  # what the class says against it
        raise Wrong(told(error, path)) from error


def _with_model_field(model: Any, name: str, new: Any, path: str) -> Any:
    cls = cast(Any, type(model))
    frozen = cls.model_config.get("frozen") or (name in cls.model_fields and cls.model_fields[name].frozen)
    try:
        if not frozen:
            return cls.__pydantic_validator__.validate_assignment(model.model_copy(), name, new)
        data = {(field.alias or each): getattr(model, each) for each, field in cls.model_fields.items()}
        return cls.model_validate({**data, cls.model_fields[name].alias or name: new})
    except Exception as error:  # pydantic's own says in which field
        raise Wrong(told(error, path.rpartition(".")[0])) from error


def _model_of(state: State[Any]) -> Any:
    """The pydantic model that a typed state is of, None for any other state."""
    if isinstance(state.typing_system, DictBasedTypingSystem):
        return None
    model: Any = state.typing_system.state_type()
    return model if hasattr(model, "__pydantic_validator__") else None


def _checked(state: State[Any], values: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """The typed state's data, or what its type says against the values."""
    try:
        return state.typing_system.construct_data(State(values, typing_system=state.typing_system)), {}
    except Exception as error:
        return None, told(error)


def _validated(state: State[Any], values: dict[str, Any], touched: set[str]) -> dict[str, Any]:
    """What a typed state makes of the values that were changed."""
    model = _model_of(state)
    kind = state.typing_system.state_type().__name__
    remedy = f"nothing was changed; the class {kind} says what the state may be"
    unknown = [key for key in touched if model is not None and key not in model.model_fields and key not in state]
    if unknown:
        raise _refused(dict.fromkeys(unknown, f"The state's class {kind} has no such field."), remedy)
    data, errors = _checked(state, values)
    if errors:
        # What was wrong before, such as fields that no action has written yet, is nobody's fault now.
        known = _checked(state, state.get_all())[1]
        errors = {p: why for p, why in errors.items() if p.split(".")[0] in touched or known.get(p) != why}
    if errors:
        raise _refused(errors, remedy)
    if model is None:
        return values
    fields = [key for key in touched if key in values and key in model.model_fields]
    if data is None:
        known_values = {key: value for key, value in values.items() if key in model.model_fields}
        data = model.model_construct(**known_values)
        for key in fields:
            with contextlib.suppress(Exception):  # a validator of the whole, which lacks what is not there yet
                model.__pydantic_validator__.validate_assignment(data, key, values[key])
    return {**values, **{key: getattr(data, key) for key in fields}}
