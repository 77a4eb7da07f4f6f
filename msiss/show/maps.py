"""The methods by which maps of ions are made."""

MAP_TITLES = {"umap": "UMAP", "tsne": "t-SNE"}
