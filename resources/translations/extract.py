"""Read the texts of the window from the sources into the Qt Linguist files beside this script.

``python resources/translations/extract.py`` brings them up to date: texts that are new come in
unfinished, translations stay, and what no source says any more is marked as vanished. With
``--check`` nothing is written, and the exit code is 1 if something were. ``lupdate`` itself finds
only methods of Qt classes, not the one function that this program uses.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "latent_studio"
CONTEXT = "latent_studio"
FUNCTIONS = ("tr", "mark")
# Texts that other rooms make and the window shows: in which files, positions of arguments of what.
ELSEWHERE: dict[str, dict[str, tuple[int, ...]]] = {
    "training/presets.py": {"Preset": (1, 2)},
    "training/losses.py": {"Objective": (1,)},
    "training/checks.py": {"Finding": (1,)},
    "metrics/registry.py": {"Metric": (1,), "Reading": (2, 3)},
    "**/*.py": {"Progress": (2,), "Meter": (1,)},
}


@dataclass
class Message:
    """One text: its translations (several where it counts), and where it is said."""

    source: str
    numerus: bool = False
    files: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    state: str = "unfinished"
    """Empty when finished; else ``unfinished`` or ``vanished``."""


def extract() -> dict[str, Message]:
    """Every text of the sources, in their order."""
    found: dict[str, Message] = {}
    for path, text in _texts():
        message = found.setdefault(text, Message(text, "%n" in text))
        name = path.relative_to(ROOT).as_posix()
        if name not in message.files:
            message.files.append(name)
    return found


def _texts() -> Iterator[tuple[Path, str]]:
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        for call in _calls(path):
            if _name(call) in FUNCTIONS and call.args:
                yield from ((path, text) for text in _constants(call.args[0]))
    for pattern, callees in ELSEWHERE.items():
        for path in sorted(PACKAGE.glob(pattern)):
            text = path.read_text("utf-8")
            for call in _calls(path) if any(f"{name}(" in text for name in callees) else ():
                for place in callees.get(_name(call), ()):
                    if place < len(call.args):
                        yield from ((path, text) for text in _constants(call.args[place]))


@cache
def _calls(path: Path) -> list[ast.Call]:
    """All calls of a file, in its order."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _constants(node: ast.expr) -> Iterator[str]:
    """A literal, or both of ``a if … else b``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def read(path: Path) -> dict[str, Message]:
    """The messages of a ``.ts`` file; none if it is not there."""
    if not path.exists():
        return {}
    found = {}
    for element in ElementTree.parse(path).getroot().iter("message"):
        translation = element.find("translation")
        assert translation is not None
        numerus = element.get("numerus") == "yes"
        forms = translation.findall("numerusform") if numerus else [translation]
        source = element.findtext("source") or ""
        found[source] = Message(
            source,
            numerus,
            [place.get("filename", "") for place in element.findall("location")],
            [form.text or "" for form in forms],
            translation.get("type", ""),
        )
    return found


def merge(said: dict[str, Message], known: dict[str, Message]) -> list[Message]:
    """Texts of the sources with what is known of them, then those that have vanished."""
    merged = []
    for source, message in said.items():
        old = known.get(source)
        if old is not None and any(old.forms):
            message.forms = old.forms
            message.state = "" if old.state == "vanished" else old.state
        merged.append(message)
    for source, old in known.items():
        if source not in said and any(old.forms):
            merged.append(Message(source, old.numerus, [], old.forms, "vanished"))
    return merged


def write(messages: list[Message], language: str) -> str:
    """The text of a ``.ts`` file. Places name files without lines, which change all the time."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{language}" sourcelanguage="en">',
        "<context>",
        f"    <name>{CONTEXT}</name>",
    ]
    for message in messages:
        lines.append('    <message numerus="yes">' if message.numerus else "    <message>")
        lines += [f'        <location filename="../../{name}"/>' for name in message.files]
        lines.append(f"        <source>{escape(message.source)}</source>")
        lines += [f"        {line}" for line in _translation(message)]
        lines.append("    </message>")
    return "\n".join([*lines, "</context>", "</TS>", ""])


def _translation(message: Message) -> list[str]:
    opening = f'<translation type="{message.state}">' if message.state else "<translation>"
    if not message.numerus:
        return [f"{opening}{escape(''.join(message.forms))}</translation>"]
    forms = [f"    <numerusform>{escape(form)}</numerusform>" for form in message.forms or [""]]
    return [opening, *forms, "</translation>"]


def updated(path: Path, said: dict[str, Message]) -> str:
    """What the file should hold now. English needs the forms of counted texts only."""
    language = path.stem.removeprefix(f"{CONTEXT}_")
    chosen = {s: m for s, m in said.items() if m.numerus or language != "en"}
    fresh = {s: Message(s, m.numerus, list(m.files)) for s, m in chosen.items()}
    return write(merge(fresh, read(path)), language)


def main(arguments: list[str]) -> int:
    said, stale = extract(), 0
    for path in sorted(HERE.glob(f"{CONTEXT}_*.ts")):
        text = updated(path, said)
        messages = read(path) if "--check" in arguments else {}
        if not path.exists() or path.read_text("utf-8") != text:
            stale = 1
            if "--check" not in arguments:
                path.write_text(text, "utf-8", newline="\n")
        messages = messages or read(path)
        missing = sum(message.state == "unfinished" for message in messages.values())
        print(f"{path.name}: {len(messages)} texts, {missing} unfinished")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
