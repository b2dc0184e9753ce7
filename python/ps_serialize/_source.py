"""The Python source of the classes of a lock."""

from __future__ import annotations

from ps_serialize._classes import Class, Classes, Union

_HEAD = '''"""The records of a lock of the Rust library ps-serialize, written by ``python -m ps_serialize generate``. Do not edit it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Union

from ps_serialize.records import Record, Some, Unit, bind

if TYPE_CHECKING:
{imports}
__all__ = {names}
'''


def source(lock: str, classes: Classes) -> str:
    """Return the source of a module that has the classes, and makes ``serialize`` and ``deserialize`` take them."""
    body = []
    for made in classes.all:
        if isinstance(made, Class):
            body.append(_class(made, classes))
    for made in classes.all:
        if isinstance(made, Union):
            body.append(_union(made))
    text = "\n".join(body)
    imports = [
        name
        for name in ("numpy", "numpy.typing", "polars")
        if name + "." in text or name == "numpy.typing" and "numpy.typing" in text
    ]
    unseen = [f"# {identifier!r} is not here: {repr(why)[1:-1]}\n" for identifier, why in classes.unseen.items()]
    head = _HEAD.format(
        imports="".join(f"    import {name}\n" for name in imports) or "    pass\n",
        names=sorted(made.name for made in classes.all),
    )
    for name, use in (("Some", "Some["), ("Unit", "(Unit)"), ("Record", "(Record)"), ("Any", "Any"), ("Union", "Union[")):
        if use not in text:
            head = head.replace(f" {name},", "", 1)
    return f"{head}\n{''.join(unseen)}\n{text}\n\n_LOCK = {_literal(lock)}\n\nbind(_LOCK, globals())\n"


def _class(made: Class, classes: Classes) -> str:
    lines = [
        "",
        f"@dataclass(eq=False{', frozen=True' if not made.fields else ''}, slots=True)",
        f"class {made.name}({'Record' if made.fields else 'Unit'}):",
    ]
    if made.what:
        lines.append(f"    {_literal(made.what)}")
    if made.what and made.fields:
        lines.append("")
    for (name, kind), optional in zip(made.fields, made.optional):
        annotation = classes.annotation(kind)
        lines.append(f"    {name}: {annotation}" + (" | None" if optional and not annotation.endswith("| None") else ""))
    if len(lines) == 3:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _union(made: Union) -> str:
    names = [variant.name for variant in made.variants]
    # An enum without variants has no values.
    of = f"Union[{', '.join(names)}]" if names else "None"
    return (f"#: {made.what}\n" if made.what else "") + f"{made.name} = {of}\n"


def _literal(text: str) -> str:
    """Return a literal of several lines, if that says the same."""
    if '"""' in text or text.endswith('"') or not text.isprintable() and not text.replace("\n", "").isprintable():
        return repr(text)
    return (
        '"""' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'
        if "\n" not in text
        else '"""\\\n' + text.replace("\\", "\\\\") + '"""'
    )
