"""Figures of a run for print, by name: what they show is gathered here, and drawn in `msiss.show.print`."""
