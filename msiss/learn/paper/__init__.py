"""The method of Hu, Bindu & Laskin (2022): contrastive learning, spectral clustering, self-labelling.

`method`, `config`, `encoders` and `text` are free of torch; `training` and what it uses are imported when a training
starts.
"""
