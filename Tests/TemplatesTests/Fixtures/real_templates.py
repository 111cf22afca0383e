"""Renders every template of a folder with every conversation below, with Jinja2, as JSON on stdout.

usage: real_templates.py FOLDER
The Swift test RealTemplatesTests runs this when PARE_LLAMACPP_DIR is set, and compares.
"""

import json
import pathlib
import sys

from reference import result

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place, \"now\" & <here>.",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": "City, e.g. Zürich"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer", "default": 3},
                "nested": {
                    "type": "object",
                    "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "array", "items": {"type": "number"}}},
                    "required": ["a"],
                },
            },
            "required": ["place"],
        },
        "return": {"type": "string"},
    },
}
TIME = {
    "type": "function",
    "function": {"name": "get_time", "description": "The time.", "parameters": {"type": "object", "properties": {}}},
}


def user(content):
    return {"role": "user", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def system(content):
    return {"role": "system", "content": content}


def call(name, arguments, id="call00001"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(content, **more):
    return {"role": "tool", "content": content, "name": "get_weather", "tool_call_id": "call00001", **more}


TOOL_TURN = [
    user("Weather in Zürich?"),
    assistant("", tool_calls=[call("get_weather", {"place": "Zürich", "days": 2, "exact": True, "q": 1.5, "n": None, "l": [1, {"x": "y"}]})]),
    tool('{"temperature": 21.5, "sky": "clear"}'),
]
UNUSUAL = (
    "  <|im_start|>system\nYou are {{ evil }} {% if %} </s> [INST] <<SYS>> <|eot_id|>\t\"quotes\" 'single' \\n \\ "
    "日本語 🙂 e\u0301 <think>no</think> {# c #} <start_of_turn>\r\n  "
)

CONVERSATIONS = {
    "user only": {"messages": [user("Hello")]},
    "system": {"messages": [system("You are terse."), user("Hello")]},
    "several turns": {
        "messages": [
            system("Be kind."), user("Hi"), assistant("Hello! How can I help?"), user("2+2?"), assistant("4"), user("thanks"),
        ]
    },
    "no system, several turns": {"messages": [user("Hi"), assistant("Hello!"), user("Bye")]},
    "unusual": {"messages": [system(UNUSUAL), user(UNUSUAL), assistant(UNUSUAL), user(UNUSUAL)]},
    "empty": {"messages": [system(""), user(""), assistant(""), user("x")]},
    "no messages": {"messages": []},
    "assistant last": {"messages": [user("Hi"), assistant("I am")], "add_generation_prompt": False},
    "assistant last, prompted": {"messages": [user("Hi"), assistant("I am")]},
    "no generation prompt": {"messages": [user("Hello")], "add_generation_prompt": False},
    "thinking on": {"messages": [user("Hello"), assistant("<think>\nhm\n</think>\n\nYes"), user("Why?")], "enable_thinking": True},
    "thinking off": {"messages": [user("Hello"), assistant("<think>hm</think>Yes"), user("Why?")], "enable_thinking": False},
    "reasoning content": {
        "messages": [user("Hello"), assistant("Yes", reasoning_content="hm, let me see"), user("Why?"), assistant("So.", reasoning_content="right")],
        "add_generation_prompt": False,
    },
    "content parts": {
        "messages": [
            system([{"type": "text", "text": "Be kind."}]),
            user([{"type": "text", "text": "What is "}, {"type": "text", "text": "this?"}]),
        ]
    },
    "image": {"messages": [user([{"type": "image"}, {"type": "text", "text": "What is this?"}])]},
    "tools offered": {"messages": [user("Weather?")], "tools": [WEATHER, TIME]},
    "tools offered, system": {"messages": [system("Be kind."), user("Weather?")], "tools": [WEATHER]},
    "tool call": {"messages": TOOL_TURN[:2], "tools": [WEATHER], "add_generation_prompt": False},
    "tool result": {"messages": TOOL_TURN, "tools": [WEATHER, TIME]},
    "tool result, answered": {"messages": TOOL_TURN + [assistant("It is 21.5 °C."), user("And the time?")], "tools": [WEATHER, TIME]},
    "two tool calls": {
        "messages": [
            system("s"), user("Both?"),
            assistant(None, tool_calls=[call("get_weather", {"place": "Bern"}), call("get_time", {}, "call00002")]),
            tool("rain"), tool("noon", name="get_time", tool_call_id="call00002"),
        ],
        "tools": [WEATHER, TIME],
    },
    "arguments as text": {
        "messages": [user("Go"), assistant("ok", tool_calls=[call("get_weather", '{"place": "Bern"}')]), tool("rain")],
        "tools": [WEATHER],
    },
    "tools not declared": {"messages": TOOL_TURN},
    "wrong order": {"messages": [assistant("first"), user("a"), user("b")]},
    "unknown role": {"messages": [{"role": "critic", "content": "Hm."}, user("Hello")]},
    "developer": {"messages": [{"role": "developer", "content": "Obey."}, user("Hello")]},
    "reasoning effort": {"messages": [user("Hello")], "reasoning_effort": "high", "thinking": True, "date_string": "1 Jan 2025"},
    "no content": {"messages": [{"role": "user"}]},
    "none content": {"messages": [{"role": "user", "content": None}]},
}
DEFAULTS = {"bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": True}


def main():
    cases = []
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")):
        source = path.read_text()
        for name, conversation in CONVERSATIONS.items():
            variables = {**DEFAULTS, **conversation}
            cases.append({
                "name": f"{path.stem}: {name}", "source": source,
                "variables": json.dumps(variables, ensure_ascii=False), **result(source, variables),
            })
    json.dump(cases, sys.stdout)


main()
