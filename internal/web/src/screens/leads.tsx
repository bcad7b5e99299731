export function LeadsScreen(_: object) { return null; }
