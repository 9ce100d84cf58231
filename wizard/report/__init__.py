"""A verdict in every format of a report, the pages about causes, and redaction."""
