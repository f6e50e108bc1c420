"""How often pages are told, and how far ahead of them the kernel goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .coalesce import FRAME_TEXT

__all__ = ["SINGLY", "Limits"]


@dataclass(frozen=True)
class Limits:
    """When a frame goes out. Times in seconds, sizes in code points.

    The defaults weigh the message's envelope, some 400 bytes, against the delay: text that comes slowly waits until there is
    enough of it to be worth one, though never long; text that comes fast goes out once each `interval`.

    Attributes:
        interval: the least time between two frames.
        patience: the longest that a delta waits while there is credit.
        worth: so much text does not wait any longer than `interval`.
        window_frames: the most frames under way and not acknowledged by any page.
        window_text: the most text under way and not acknowledged by any page.
        trickle: the time between frames beyond the window: a page whose acks are late still gets what there is.
        forget: a page that has not acknowledged for so long is not waited for any more.
        singly: so many deltas may wait for a frame of their own each, as long as there is credit; others are put together.
        heartbeat: a last frame that is not acknowledged is announced again after this, then after twice as long.
    """

    interval: float = 0.033
    patience: float = 0.04
    worth: int = 18
    window_frames: int = 128
    window_text: int = 8 * FRAME_TEXT
    trickle: float = 0.25
    forget: float = 120.0
    singly: int = 0
    heartbeat: float = 8.0
    heartbeat_max: float = 60.0

    def at_most(self, frames: float | None) -> Limits:
        """The same with at most so many frames a second; None, or where each delta has its own frame, leaves them as they are."""
        if frames is None or self.singly > 0:
            return self
        interval = 1 / frames
        return replace(
            self, interval=interval, patience=max(self.patience, interval), trickle=max(self.trickle, interval)
        )


SINGLY = Limits(interval=0.0, patience=0.0, worth=0, singly=1000)
"""Each delta in a frame of its own and at once: some 500 bytes for what is a few, and work for the page as often as there are deltas."""
