"""Renders templates with Jinja2: reads {"template": PATH, "variables": {…}} a line on stdin, writes
{"output": text} or {"error": message} a line.

The Swift test ThinkingTemplatesTests runs this.
"""

import json
import pathlib
import sys

from reference import result

sources = {}
for line in sys.stdin:
    case = json.loads(line)
    path = case["template"]
    if path not in sources:
        sources[path] = pathlib.Path(path).read_text(encoding="utf-8")
    print(json.dumps(result(sources[path], case["variables"])))
