"""Real Burr applications for tests, small and scripted."""
