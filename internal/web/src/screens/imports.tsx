export function ImportsScreen(_: object) { return null; }
