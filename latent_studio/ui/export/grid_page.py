"""Write many pictures as one: rows and columns of seeds, or a table of mixed styles."""

from PySide6.QtWidgets import QLineEdit, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.export.page import ExportJob, ExportPage, choice, numbers, whole_number
from latent_studio.ui.i18n import tr

SEEDS, MIXING = "seeds", "mixing"
JOBS = "latent_studio.jobs.render"


class GridPage(ExportPage):
    """A sheet of seeds with the other settings of the canvas, or a style-mixing table."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.title = tr("Export a grid")
        self.kind = choice([(tr("Seeds in rows and columns"), SEEDS)])
        self.add_row(tr("Kind"), self.kind, tr("A sheet of seeds, or styles of one on another"))
        self.first = whole_number(0, 2**31 - 1, 0)
        self.rows = whole_number(1, 100, 4)
        self.columns = whole_number(1, 100, 8)
        self.add_row(tr("First seed"), self.first, tr("The picture at the top left"))
        self.add_row(tr("Rows"), self.rows, tr("Pictures from top to bottom"))
        self.add_row(tr("Columns"), self.columns, tr("Pictures from left to right"))
        self.row_seeds = QLineEdit("1-4")
        self.column_seeds = QLineEdit("5-9")
        self.layers = QLineEdit("0-3")
        self.add_row(tr("Row seeds"), self.row_seeds, tr("Pictures that keep their content: 1-4"))
        self.add_row(
            tr("Column seeds"), self.column_seeds, tr("Pictures that give their styles: 5,7,9")
        )
        self.add_row(tr("Layers"), self.layers, tr("Layers taken from the columns: 0-3"))
        self.padding = whole_number(0, 64, 0)
        self.add_row(tr("Gap"), self.padding, tr("Pixels between the pictures"))
        self.scale = self.scale_field()
        self.format = choice([("PNG", ".png"), ("JPEG", ".jpg"), ("WebP", ".webp")])
        self.add_row(tr("Format"), self.format, tr("Kind of file"))
        self.kind.currentIndexChanged.connect(self._show_kind)
        for field in (self.first, self.rows, self.columns):
            field.valueChanged.connect(self._show_kind)
        self._show_kind()

    def show_model(self) -> None:
        self.show_scales(self.scale)
        capabilities = self.context.state.capabilities
        layers = (capabilities.num_ws or 0) if capabilities is not None else 0
        index = self.kind.findData(MIXING)
        if layers > 1 and index < 0:
            self.kind.addItem(tr("Style mixing, sources on the edges"), MIXING)
        elif layers <= 1 and index >= 0:
            self.kind.removeItem(index)
        self.layers.setPlaceholderText(f"0-{max(0, layers - 1)}")
        self._show_kind()

    def endings(self) -> tuple[str, str]:
        suffix = self.format.currentData()
        return suffix, f"{suffix[1:].upper()} (*{suffix})"

    def make_job(self, path: str) -> ExportJob:
        options = {
            "padding": self.padding.value(),
            "scale": self.scale.currentData(),
            **self.rendering(),
        }
        if self.kind.currentData() == MIXING:
            rows = [self.with_seed(n) for n in numbers(self.row_seeds.text(), tr("Row seeds"))]
            texts = self.column_seeds.text()
            columns = [self.with_seed(n) for n in numbers(texts, tr("Column seeds"))]
            layers = numbers(self.layers.text(), tr("Layers"))
            arguments = (self.model(), rows, columns, layers, path)
            return ExportJob(JOBS, "export_mix", arguments, options)
        first = self.first.value()
        count = self.rows.value() * self.columns.value()
        recipes = [self.with_seed(seed) for seed in range(first, first + count)]
        options["columns"] = self.columns.value()
        return ExportJob(JOBS, "export_grid", (self.model(), recipes, path), options)

    def _show_kind(self) -> None:
        mixing = self.kind.currentData() == MIXING
        for field in (self.first, self.rows, self.columns):
            self.form.setRowVisible(field, not mixing)
        for field in (self.row_seeds, self.column_seeds, self.layers):
            self.form.setRowVisible(field, mixing)
        last = self.first.value() + self.rows.value() * self.columns.value() - 1
        first = self.first.value()
        self.default_name = "mix" if mixing else f"seeds{first:04d}-{last:04d}"
        if mixing:
            text = tr("Each cell is its row’s picture with the column’s styles in these layers.")
        else:
            seeds = {"first": first, "last": last}
            text = tr("Seeds {first} to {last}, all else as on the canvas.", **seeds)
        self.note.setText(text)
