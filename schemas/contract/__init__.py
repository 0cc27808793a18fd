"""The contract as documents, derived from the types: what others may send us and what they may build on. Pure."""
