"""The only door to AWS: live answers behind one port, with a cache, a read-only guard and the table of permissions."""
