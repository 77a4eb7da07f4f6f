"""The method spatial: bands, a linear discriminant and a small network, all of which keep the positions of pixels.

`method`, `config` and `text` are free of torch; `training` and what it uses are imported when a training starts.
"""
