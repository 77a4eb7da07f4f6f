"""The server of the dashboard: its start, uploads, and what a page shows when the server is gone."""
