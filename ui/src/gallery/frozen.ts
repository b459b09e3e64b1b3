// Same as `freezePrototype` in tauri.conf.json. Imported first.
Object.freeze(Object.prototype);
