"""Jinja2 set up the way Hugging Face's libraries render chat templates: the reference for this target's tests.

Needs the package jinja2 (3.1). Used by snippets.py and real_templates.py.
"""

import datetime
import json

import jinja2
import jinja2.ext
import jinja2.sandbox

NOW = datetime.datetime(2024, 2, 29, 13, 5, 9)


class Generation(jinja2.ext.Extension):
    """{% generation %}…{% endgeneration %}: marks text for training, renders its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        call = self.call_method("_render")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def environment():
    # Not the immutable sandbox: Pare lets templates change their own lists and dictionaries.
    env = jinja2.sandbox.SandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def result(source, variables):
    """{"output": text} or {"error": message}."""
    try:
        return {"output": environment().from_string(source).render(**json.loads(json.dumps(variables)))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
