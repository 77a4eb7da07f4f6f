"""Widgets of several pages: forms, galleries, pickers of ions and files, progress of jobs."""
