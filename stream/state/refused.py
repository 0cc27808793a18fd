"""Why a worker will not work on this store."""


class Refused(Exception):
    """The store and the log do not fit together; the message says what is wrong and what to do."""


class Switched(Refused):
    """Another namespace is live now: who starts again works on that one."""
