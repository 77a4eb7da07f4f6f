"""The method spatial: measures without training and a small network that learns from neighbours; both know the place.

`method`, `config` and `text` are free of torch; `training` and what it uses are imported when a training starts.
"""
