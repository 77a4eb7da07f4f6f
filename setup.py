"""What pyproject.toml cannot say: the dashboard's scripts, which lie beside the package, go into the wheel with it."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
DASHBOARD = ("app.py", "pages", ".streamlit")  # msiss/dashboard.py looks for them


class BuildWithDashboard(build_py):
    """Copies the package as ever, and the dashboard into its folder ``_dashboard``."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the scripts beside the package are used
            return
        target = Path(self.build_lib) / "msiss" / "_dashboard"
        shutil.rmtree(target, ignore_errors=True)  # of an earlier build
        target.mkdir(parents=True)
        for name in DASHBOARD:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target / name)


setup(cmdclass={"build_py": BuildWithDashboard})
