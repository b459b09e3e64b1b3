# Prints what a screen reader is told of the window, as JSON: one object for each accessible, in the order of the tree.
import json

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

STATES = ["FOCUSED", "CHECKED", "EXPANDED", "FOCUSABLE", "SHOWING"]


def walk(node, depth, found):
    states = node.get_state_set()
    attributes = node.get_attributes() or {}
    found.append(
        {
            "depth": depth,
            "role": node.get_role_name(),
            "name": node.get_name() or "",
            "live": attributes.get("live", ""),
            "level": attributes.get("level", ""),
            "states": [s.lower() for s in STATES if states.contains(getattr(Atspi.StateType, s))],
        }
    )
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            walk(child, depth + 1, found)


Atspi.init()
found = []
desktop = Atspi.get_desktop(0)
for index in range(desktop.get_child_count()):
    application = desktop.get_child_at_index(index)
    if application is not None and application.get_name() == "nameplate-desktop":
        walk(application, 0, found)
print(json.dumps(found))
