"""The wire's single source: what the kernel and the page say to each other, and the fold that both sides share."""
