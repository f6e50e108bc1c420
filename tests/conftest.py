"""What all tests share: no account of the developer's is used, and the project's own kernels are found."""

import os
from pathlib import Path

import hypothesis

ROOT = Path(__file__).parents[1]

for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
    os.environ.pop(name, None)
os.environ["JUPYTER_PATH"] = str(ROOT / ".cache/jupyter")

# A slow machine is no failure.
hypothesis.settings.register_profile(
    "project", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("project")
