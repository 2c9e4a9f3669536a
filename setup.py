"""Name the rooms, which pyproject cannot discover under a mapped name; put catalogues in wheels."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class Build(build_py):
    """Compile the translations before the packages are gathered."""

    def run(self) -> None:
        """Write a .mo beside each .po, then build as ever."""
        for source in Path("web/translations").glob("*/LC_MESSAGES/messages.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text, locale=source.parts[-3]))
        super().run()


ROOMS = ("platform", "routing", "traceability", "web", "migrations")
setup(
    cmdclass={"build_py": Build},
    packages=[
        f"remelt.{room}{dot}{name}"
        for room in ROOMS
        for dot, name in (("", ""), *((".", sub) for sub in find_packages(room)))
    ],
    package_dir={f"remelt.{room}": room for room in ROOMS},
)
