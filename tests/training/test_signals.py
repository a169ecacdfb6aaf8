"""SIGTERM is heard by everybody who listens, the inner first, and by nobody afterwards."""

import os
import signal

from ricap_explorer.training.signals import at_sigterm


def test_sigterm_is_heard_within_and_around():
    heard, before = [], signal.getsignal(signal.SIGTERM)
    with at_sigterm(lambda: heard.append("outer")):
        with at_sigterm(lambda: heard.append("inner")):
            os.kill(os.getpid(), signal.SIGTERM)
        assert heard == ["inner", "outer"]
        os.kill(os.getpid(), signal.SIGTERM)
    assert heard == ["inner", "outer", "outer"] and signal.getsignal(signal.SIGTERM) is before
