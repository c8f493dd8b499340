"""Print results as JSON."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

# JSON escapes the others itself.
_CONTROL = re.compile("[\x7f-\x9f]")


def print_json(value: Any) -> None:
    """Write ``value`` to the standard output, without characters that control a terminal."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
