"""The server of the dashboard: its start, uploads, and the message on open pages when it has stopped."""
