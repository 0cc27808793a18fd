"""What each platform tells, as what of ours, and what it cannot tell: the source of docs/sources.md."""
