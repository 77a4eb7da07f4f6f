"""The command that opens the dashboard."""

import argparse
import os

from msiss.cli.add import Add


def app(options: argparse.Namespace) -> None:
    """Open the dashboard. Other options are passed on to Streamlit, such as --server.port 8502."""
    from msiss import dashboard
    from msiss.ui.server.serve import serve

    script = dashboard.script()
    os.chdir(script.parent)  # where Streamlit looks for its settings (.streamlit)
    serve([str(script), *options.streamlit])


def add_commands(add: Add) -> None:
    """Add this command to the command line."""
    add("app", app)
