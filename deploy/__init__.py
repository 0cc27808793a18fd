"""What puts Centralino on a machine."""
