"""A verdict as text or JSON, the pages about causes, and redaction."""
