"""The domain: pure functions of events. No I/O, no clock, no asyncio, no logging, no randomness."""
