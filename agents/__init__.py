"""Faust and nothing else: the app, the transport, and one processor a file."""
