// As `freezePrototype` of tauri.conf.json does, before anything else runs.
Object.freeze(Object.prototype);
