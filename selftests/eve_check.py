#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Hold JSON lines against a schema: eve_check.py SCHEMA FILE...

Prints each line that is not as the schema has it, with why, and how many of each
event_type there were. Exits with 1 if one was not, or if there was none.
"""
import collections
import json
import sys

import fastjsonschema

MOST_SHOWN = 5


def wrong_lines(validate, path, counts):
    """The lines of a file that are wrong, each with what is."""
    with open(path, encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
                validate(line)
                counts[line["event_type"]] += 1
            except (ValueError, fastjsonschema.JsonSchemaValueException) as why:
                yield f"{path}:{number}: {why}\n  {text.rstrip()}"


def main(schema, *paths):
    """Everything that the command line asks for."""
    with open(schema, encoding="utf-8") as text:
        validate = fastjsonschema.compile(json.load(text))
    counts = collections.Counter()
    wrong = [line for path in paths for line in wrong_lines(validate, path, counts)]
    print("\n".join(wrong[:MOST_SHOWN]))
    print(f"{len(wrong)} wrong;", ", ".join(f"{n} {name}" for name, n in sorted(counts.items())))
    return 1 if wrong or not counts else 0


sys.exit(main(*sys.argv[1:]))
