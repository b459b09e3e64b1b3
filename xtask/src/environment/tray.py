# Plays a desktop's tray by the StatusNotifierItem specification.
#
# Without an argument: the watcher, which prints the name of each item that registers. With the name of an item: prints the
# labels of its menu as JSON; with a label after it, presses that entry.
import json
import sys

from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACE = f"""<node><interface name="{WATCHER}">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
<signal name="StatusNotifierItemUnregistered"><arg type="s"/></signal>
<signal name="StatusNotifierHostRegistered"/>
</interface></node>"""
MENU = ("/MenuBar", "com.canonical.dbusmenu")


def watch(bus):
    properties = {
        "RegisteredStatusNotifierItems": GLib.Variant("as", []),
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
    }

    def called(_bus, sender, _path, _interface, method, arguments, invocation):
        if method == "RegisterStatusNotifierItem":
            Gio.bus_watch_name_on_connection(bus, sender, Gio.BusNameWatcherFlags.NONE, None, left)
        invocation.return_value(None)
        if method == "RegisterStatusNotifierItem":
            # Who reads the line may end this process: the answer is sent first.
            bus.flush_sync(None)
            print(f"item {sender}", flush=True)

    def left(_bus, name):
        print(f"left {name}", flush=True)

    def read(_bus, _sender, _path, _interface, name):
        return properties[name]

    node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
    bus.register_object("/StatusNotifierWatcher", node.interfaces[0], called, read, None)
    Gio.bus_own_name_on_connection(
        bus, WATCHER, Gio.BusNameOwnerFlags.NONE, lambda *_: print("watching", flush=True), None
    )
    GLib.MainLoop().run()


def call(bus, item, method, arguments, answer):
    return bus.call_sync(
        item, *MENU, method, arguments, GLib.VariantType(answer), Gio.DBusCallFlags.NONE, 10000, None
    ).unpack()


def entries(layout):
    identity, properties, children = layout
    if "label" in properties:
        yield identity, properties["label"], properties.get("enabled", True)
    for child in children:
        yield from entries(child)


def menu(bus, item, wanted):
    arguments = GLib.Variant("(iias)", (0, -1, []))
    _, layout = call(bus, item, "GetLayout", arguments, "(u(ia{sv}av))")
    found = list(entries(layout))
    print(json.dumps([label for _, label, enabled in found if enabled]))
    for identity, label, enabled in found:
        if label == wanted and enabled:
            pressed = GLib.Variant("(isvu)", (identity, "clicked", GLib.Variant("i", 0), 0))
            call(bus, item, "Event", pressed, "()")


bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
if len(sys.argv) == 1:
    watch(bus)
else:
    menu(bus, sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
