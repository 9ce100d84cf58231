"""The full-screen wizard (Textual): screens show snapshots, a session outside them does the work."""
