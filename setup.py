"""Name the rooms: pyproject cannot discover sub-packages under a mapped name."""

from setuptools import find_packages, setup

ROOMS = ("platform", "routing", "traceability", "web", "migrations")
setup(
    packages=[
        f"remelt.{room}{dot}{name}"
        for room in ROOMS
        for dot, name in (("", ""), *((".", sub) for sub in find_packages(room)))
    ],
    package_dir={f"remelt.{room}": room for room in ROOMS},
)
