export function ImportScreen(_: object) { return null; }
export function NewImportScreen() { return null; }
