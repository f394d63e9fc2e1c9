"""Every text of the window is extracted, translated, and keeps what must be kept."""

import ast
import importlib.util
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from latent_studio.ui import i18n
from latent_studio.ui.spoken import FIXED, TEMPLATES, spoken

ROOT = Path(__file__).parents[2]
UI = ROOT / "latent_studio" / "ui"
FOLDER = ROOT / "resources" / "translations"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


extract = _load(FOLDER / "extract.py")
SAID = extract.extract()
KNOWN = extract.read(FOLDER / "latent_studio_zh_CN.ts")
PAIRS = [
    (source, form)
    for source, message in KNOWN.items()
    if message.state == ""
    for form in message.forms
]


def test_every_text_is_translated() -> None:
    finished = {source for source, _ in PAIRS}
    missing = [text for text in SAID if text not in finished]
    assert not missing, "run resources/translations/extract.py and translate: " + repr(missing[:9])
    assert len(SAID) > 800


def test_english_has_both_forms_of_what_is_counted() -> None:
    english = extract.read(FOLDER / "latent_studio_en.ts")
    for source, message in SAID.items():
        if message.numerus:
            assert len([form for form in english[source].forms if form]) == 2, source
            assert english[source].state == ""


def _fields(text: str) -> list[tuple[str, str]]:
    found = string.Formatter().parse(text)
    return sorted((name, spec or "") for _, name, spec, _ in found if name is not None)


def test_placeholders_and_counts_are_kept() -> None:
    for source, form in PAIRS:
        assert _fields(source) == _fields(form), (source, form)
        assert ("%n" in source) == ("%n" in form), (source, form)


def test_mnemonics_file_patterns_and_ends_of_lines_are_kept() -> None:
    def mnemonic(text: str) -> list[str]:
        return [key.upper() for key in re.findall(r"&(\w)", text)]

    for source, form in PAIRS:
        assert mnemonic(source) == mnemonic(form), (source, form)
        assert source.count("\n") == form.count("\n"), (source, form)
        assert re.findall(r"\*(?:\.\w+)?", source) == re.findall(r"\*(?:\.\w+)?", form)
        assert source.endswith("…") == form.endswith("…") or "……" in form, (source, form)


def test_the_keys_of_menus_differ() -> None:
    keys = [form[form.index("&") + 1] for source, form in PAIRS if source.startswith("&")]
    assert len(keys) == len(set(keys)) >= 7


# Names of things and units, the same in both languages.
SAME = re.compile(
    r"(Psi|FID|Inception-v3|OpenVINO|CPU|H\.264|MP4|JPEG|WebP|WebM|GIF|PyTorch|torch\.compile"
    r"|DCGAN|R3GAN|StyleGAN2|Inception Score|IS|MS-SSIM|kimg|Latent Studio|PSNR|SSIM|SeFa|LPIPS|x|y"
    r"|dB|px|W\+|w\+?|z|FFT|[\W\d\sx×±σABC]|\{[^}]*\})*"
)


def test_translations_are_chinese() -> None:
    for source, form in PAIRS:
        assert form.strip(), source
        assert CHINESE.search(form) or SAME.fullmatch(form), (source, form)
        assert source != form or SAME.fullmatch(source), source


def test_the_extraction_keeps_updates_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "latent_studio_zh_CN.ts"
    first = {"a <b>": extract.Message("a <b>"), "%n x": extract.Message("%n x", True)}
    path.write_text(extract.updated(path, first), "utf-8")
    assert [m.state for m in extract.read(path).values()] == ["unfinished"] * 2
    known = extract.read(path)
    known["a <b>"].forms, known["a <b>"].state = ["甲 & 乙"], ""
    path.write_text(extract.write(list(known.values()), "zh_CN"), "utf-8")
    path.write_text(extract.updated(path, {" new": extract.Message(" new")}), "utf-8")
    found = extract.read(path)
    assert {s: (m.forms, m.state) for s, m in found.items()} == {
        " new": ([""], "unfinished"),
        "a <b>": (["甲 & 乙"], "vanished"),
    }
    path.write_text(extract.updated(path, first), "utf-8")
    assert extract.read(path)["a <b>"].state == ""


# -- texts that bypass the translation ------------------------------------------------------------

# What shows its arguments to a person; of ``icon_button`` only the second.
SHOWING = frozenset(
    """
    QLabel QPushButton QAction QCheckBox QRadioButton QGroupBox QToolButton QMenu
    QDockWidget QToolBar QListWidgetItem QTableWidgetItem QStandardItem QTreeWidgetItem
    ElidedLabel setText setToolTip setWindowTitle setAccessibleName setAccessibleDescription
    setPlaceholderText setTitle setStatusTip setWhatsThis setSuffix setPrefix
    setSpecialValueText setInformativeText setDetailedText addItem addItems addAction
    addMenu addTab addRow setTabText setLabelText setHeaderLabels setHorizontalHeaderLabels
    setItemText set_full_text showMessage setPlainText icon_button notify insertItem getText
    getOpenFileName getSaveFileName getExistingDirectory set_tip label_text Section heading
    """.split()  # noqa: SIM905
)
ALLOWED = {"info", "warning", "error"}  # levels


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*_literals(node.body), *_literals(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (*_literals(node.left), *_literals(node.right))


def _bypassing(path: Path) -> Iterator[str]:
    for call in extract._calls(path):
        name = extract._name(call)
        arguments = [*call.args, *(word.value for word in call.keywords)]
        for node in arguments[1:] if name == "icon_button" else arguments:
            for text in _literals(node) if name in SHOWING else ():
                if re.search("[^\\W\\d_]{2}", text.replace("{}", "")) and text not in ALLOWED:
                    yield f"{path.relative_to(UI)}:{call.lineno}: {name}({text!r})"


def test_no_text_bypasses_the_translation() -> None:
    paths = [path for path in UI.rglob("*.py") if path.parent.name != "bench"]
    found = [line for path in sorted(paths) for line in _bypassing(path)]
    assert not found, "\n".join(found)


def test_only_marked_texts_are_translated_by_variable() -> None:
    """What ``tr`` is given must be extractable: a literal, or what ``mark`` or ELSEWHERE names."""
    found = {
        f"{path.relative_to(UI)}: {ast.unparse(call)}"
        for path in UI.rglob("*.py")
        for call in extract._calls(path)
        if extract._name(call) == "tr" and not any(True for _ in extract._constants(call.args[0]))
    }
    allowed = ("spoken.py: tr(text)", "spoken.py: tr(template", "looks.py: tr(text)")
    assert not [line for line in found if not any(end in line for end in allowed)], found


# -- what other rooms say -------------------------------------------------------------------------


def test_the_translation_is_used_with_values_and_counts(chinese) -> None:
    assert i18n.tr("Seed {seed}", seed=7) == "种子 7"
    assert i18n.tr("%n keyframes", n=3) == "3 个关键帧"
    assert i18n.tr(" s") == " 秒"
    from PySide6.QtWidgets import QDialogButtonBox

    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    assert box.buttons()[0].text() == "取消"


def test_english_counts_one(compiled: Path, qapp) -> None:
    translator = i18n.install_translator(qapp, compiled, "en")
    assert translator is not None
    try:
        assert i18n.tr("Delete %n bookmarks", n=1) == "Delete 1 bookmark"
        assert i18n.tr("Delete %n bookmarks", n=2) == "Delete 2 bookmarks"
        assert i18n.tr("Directions") == "Directions"
    finally:
        qapp.removeTranslator(translator)


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["zh-Hans-CN", "zh-CN", "en"], "zh_CN"),
        (["zh-Hant-TW", "zh-TW"], "en"),
        (["de-DE", "zh-CN"], "zh_CN"),
        (["en-GB", "zh-CN"], "en"),
        (["C"], "en"),
    ],
)
def test_the_language_follows_the_system(languages, expected: str, monkeypatch) -> None:
    class System:
        @staticmethod
        def uiLanguages() -> list[str]:
            return languages

    monkeypatch.setattr(i18n.QLocale, "system", lambda: System)
    assert i18n.chosen_language("system") == expected
    assert i18n.chosen_language("zh_CN") == "zh_CN"
    assert i18n.chosen_language("xx") == "en"


def test_alarms_speak_chinese(chinese) -> None:
    from latent_studio.models.base import ModelSpec
    from latent_studio.training.checks import CHECKS, Outlook
    from latent_studio.training.config import TrainConfig
    from latent_studio.training.thresholds import Thresholds

    spec = ModelSpec("mlp", {})
    config = TrainConfig(
        generator=spec, discriminator=spec, data="", resolution=16, weight_clip=0.01
    )
    values = {"diversity": 0.1, "likeness": 0.2, "share": 0.001, "certainty": 1.0, "gap": 2.0}
    values |= {"advantage": 0.0, "sign/real": 1.0, "grad/G": 1e-9, "burnt": 0.9}
    past = {name: [0.9] * 200 for name in values}
    seen = Outlook(values, past, config, Thresholds(), 500.0)
    for name, change in (
        ("mode-collapse", {}),
        ("d-too-strong", {}),
        ("d-too-strong", {"share": 5.0}),
        ("d-too-weak", {"share": 5.0}),
        ("overfitting", {}),
        ("divergence", {}),
        ("divergence", {"grad/G": 1e9, "burnt": 0.0}),
        ("divergence", {"loss/D": float("nan")}),
        ("stagnation", {}),
        ("clipping", {"clipped/D": 0.6}),
    ):
        case = Outlook({**values, **change}, past, seen.config, seen.limits, seen.epochs)
        finding = CHECKS[name](case)
        assert CHINESE.search(spoken(finding.message)), finding
        evidence = spoken(finding.evidence)
        assert CHINESE.search(evidence) and "{" not in evidence, finding
        assert not re.search(r"[a-z]{4} [a-z]", evidence), evidence


def test_what_serves_meanwhile_is_said_in_chinese(chinese) -> None:
    from latent_studio.engine import fast_lane

    for note in (fast_lane.PREPARING, fast_lane.CHANGING, "no faster backend: ValueError"):
        assert CHINESE.search(spoken(note)), note


def test_unknown_words_stay_as_they_are(chinese) -> None:
    assert spoken("no such text") == "no such text"
    assert spoken("") == ""
    assert spoken("Measuring smile") == "正在评测 smile"


def test_other_rooms_still_say_what_is_translated() -> None:
    paths = [p for p in (ROOT / "latent_studio").rglob("*.py") if UI not in p.parents]
    sources = "\n".join(path.read_text("utf-8") for path in paths)
    sources = re.sub(r'"\s*f?"', "", sources)  # one text on several lines
    for text in (*FIXED, *TEMPLATES):
        for part in re.split(r"\{\w+\}| \(", text):
            assert part.strip(" )") in sources, (text, part)
